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
  // proofs, checked by the client
  PROOF_INVALID: {
    status: "FAILED_PRECONDITION",
    meaning: "A proof, signature or hash does not verify.",
    remedy: "Do not trust the content; fetch it again from the network.",
  },
} as const satisfies CodeGroup;
