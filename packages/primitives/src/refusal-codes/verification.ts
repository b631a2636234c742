/** Refusals of verifications, attestations and proofs. */
import type { CodeGroup } from "./code-entry.ts";

export const VERIFICATION_CODES = {
  // verification
  RESPONSE_TOO_LARGE: {
    status: "INVALID_ARGUMENT",
    meaning: "The response is longer than allowed.",
    remedy: "Split it.",
  },
  RESPONSE_EMPTY: {
    status: "INVALID_ARGUMENT",
    meaning: "The response has no text.",
    remedy: "Send the response's text.",
  },
  COMMITTEE_TOO_SMALL: {
    status: "FAILED_PRECONDITION",
    meaning: "Too few bonded validators are there to draw a committee.",
    remedy: "Bond more validators.",
  },
  POLICY_UNKNOWN: {
    status: "INVALID_ARGUMENT",
    meaning: "No policy of that name and version is configured.",
    remedy: "Choose one of those that ListPolicies shows.",
  },
  POLICY_NOT_APPLICABLE: {
    status: "FAILED_PRECONDITION",
    meaning: "The policy does not cover the domain, or so much at stake.",
    remedy: "Choose a policy that covers the domain and the value in the details.",
  },
  QUOTA_EXCEEDED: {
    status: "RESOURCE_EXHAUSTED",
    meaning: "The caller has asked for more attestations than its quota allows.",
    remedy: "Come back after the time in retryAfterMs, or send a shorter response.",
  },
  PROBES_FORBIDDEN: {
    status: "PERMISSION_DENIED",
    meaning: "The signer is not one of the network's probe authors.",
    remedy: "Have an author sign, or add the key to MIRA_PROBE_AUTHORS.",
  },
  PROBE_INVALID: {
    status: "INVALID_ARGUMENT",
    meaning: "A probe is malformed, or there already.",
    remedy: "Mend the line that the details name.",
  },
  NOT_IN_COMMITTEE: {
    status: "PERMISSION_DENIED",
    meaning: "The validator was not drawn for this claim.",
    remedy: "Attest only to assigned claims.",
  },
  COMMIT_CLOSED: {
    status: "FAILED_PRECONDITION",
    meaning: "The time to commit has passed.",
    remedy: "Commit before commitBy.",
  },
  REVEAL_NOT_OPEN: {
    status: "FAILED_PRECONDITION",
    meaning: "Reveals are not open for this verification.",
    remedy: "Reveal when asked to, before revealBy.",
  },
  SIGNING_CLOSED: {
    status: "FAILED_PRECONDITION",
    meaning: "Nothing is to be signed for this verification now.",
    remedy: "Sign when asked to, before signBy.",
  },
  REVEAL_MISMATCH: {
    status: "INVALID_ARGUMENT",
    meaning: "The revealed attestation is not the committed one.",
    remedy: "Reveal exactly what was committed.",
  },
  ATTESTATION_INVALID: {
    status: "INVALID_ARGUMENT",
    meaning: "The attestation is malformed or its signature does not verify.",
    remedy: "Sign the canonical attestation bytes.",
  },
  // models of a validator
  MODEL_UNAVAILABLE: {
    status: "UNAVAILABLE",
    meaning: "The model's server did not give a usable HTTP answer in time.",
    remedy: "Retry later; look at that server if it lasts.",
  },
  MODEL_REQUEST_REFUSED: {
    status: "FAILED_PRECONDITION",
    meaning: "The model's server refused the request as such; it was not sent again.",
    remedy: "Mend the URL, the key, the model's name or the setting that the details name.",
  },
  MODEL_ANSWER_INVALID: {
    status: "FAILED_PRECONDITION",
    meaning: "The model's answer is none of the options it was given.",
    remedy: "Use a server that constrains answers to a schema.",
  },
  MODEL_BUDGET_EXHAUSTED: {
    status: "RESOURCE_EXHAUSTED",
    meaning: "The call could exceed the budget of tokens or of money; it was not made.",
    remedy: "Wait for the next budget window, or raise the budget.",
  },
  MODEL_NOT_USABLE: {
    status: "FAILED_PRECONDITION",
    meaning: "The capability probe found that the model cannot be used as a validator's.",
    remedy: "Read the probe's record; use another model or server.",
  },
  MODEL_FOLDER_INVALID: {
    status: "FAILED_PRECONDITION",
    meaning: "The folder of a local model lacks a file, or a file is not what its manifest says.",
    remedy: "Mend the file that the details name, or make the manifest anew.",
  },
  MODEL_RUNTIME_MISSING: {
    status: "FAILED_PRECONDITION",
    meaning: "The library that runs local models is not installed.",
    remedy: "Install onnxruntime-node beside the validator.",
  },
  // proofs, checked by the client
  PROOF_INVALID: {
    status: "FAILED_PRECONDITION",
    meaning: "A proof, signature or hash does not verify.",
    remedy: "Do not trust the content; fetch it again from the network.",
  },
} as const satisfies CodeGroup;
