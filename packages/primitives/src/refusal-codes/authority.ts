/** Refusals of intents, sessions and stakes. */
import type { CodeGroup } from "./code-entry.ts";

export const AUTHORITY_CODES = {
  // intents
  INTENT_MALFORMED: {
    status: "INVALID_ARGUMENT",
    meaning: "The intent's bytes are not canonical.",
    remedy: "Build it with the SDK.",
  },
  INTENT_SIGNATURE_INVALID: {
    status: "UNAUTHENTICATED",
    meaning: "The intent's signature does not verify.",
    remedy: "Sign the canonical bytes with the account's key.",
  },
  INTENT_EXPIRED: {
    status: "FAILED_PRECONDITION",
    meaning: "The intent's notAfter has passed.",
    remedy: "Sign a new intent.",
  },
  INTENT_WRONG_NETWORK: {
    status: "INVALID_ARGUMENT",
    meaning: "The intent was signed for another network or purpose.",
    remedy: "Sign for this network and purpose.",
  },
  INTENT_REPLAYED: {
    status: "ALREADY_EXISTS",
    meaning: "An intent with this request id was used before.",
    remedy: "Sign a new intent with a new request id.",
  },
  // sessions
  SESSION_NOT_FOUND: { status: "NOT_FOUND", meaning: "No such session.", remedy: "Check the session id." },
  SESSION_SCOPE_EMPTY: {
    status: "INVALID_ARGUMENT",
    meaning: "A session without recipients or limit would grant nothing or everything.",
    remedy: "Name recipients and a limit.",
  },
  SESSION_WINDOW_INVALID: {
    status: "INVALID_ARGUMENT",
    meaning: "The session's window is empty, in the past, or longer than the network's maximum.",
    remedy: "Choose an end after the start, within the maximum.",
  },
  SESSION_EXPIRED: {
    status: "PERMISSION_DENIED",
    meaning: "The session's end has come.",
    remedy: "Have the owner grant a new session.",
  },
  SESSION_NOT_STARTED: {
    status: "PERMISSION_DENIED",
    meaning: "The session's start has not come.",
    remedy: "Wait for the start.",
  },
  SESSION_REVOKED: {
    status: "PERMISSION_DENIED",
    meaning: "The session was revoked.",
    remedy: "Have the owner grant a new session.",
  },
  SESSION_RECIPIENT_DENIED: {
    status: "PERMISSION_DENIED",
    meaning: "The recipient is not on the session's list.",
    remedy: "Send to a listed recipient.",
  },
  SESSION_LIMIT_EXCEEDED: {
    status: "PERMISSION_DENIED",
    meaning: "The amount and fee exceed what is left of the session's limit.",
    remedy: "Send less, or have the owner grant a new session.",
  },
  SESSION_ACTION_DENIED: {
    status: "PERMISSION_DENIED",
    meaning: "The session allows SOL transfers by the owner only; the transaction does something else.",
    remedy: "Keep to the actions in the session's scope.",
  },
  SESSION_KEY_MISMATCH: {
    status: "UNAUTHENTICATED",
    meaning: "The owner's signature slot is not signed by the session's key.",
    remedy: "Sign with the session key.",
  },
  SESSION_EXISTS: {
    status: "ALREADY_EXISTS",
    meaning: "This session id was granted before; an id is never reused.",
    remedy: "Grant with a new request id.",
  },
  SESSION_CAVEAT_INVALID: {
    status: "INVALID_ARGUMENT",
    meaning: "A caveat of the grant is unknown, zero, contradictory, repeated or not written its one way.",
    remedy: "Build the grant with the SDK, from caveats that this version knows.",
  },
  SESSION_SCOPE_WIDENED: {
    status: "PERMISSION_DENIED",
    meaning: "What is passed on or amended would be wider, or live longer, than what it comes from.",
    remedy: "Ask for no more than the grant it comes from.",
  },
  SESSION_ARGUMENT_DENIED: {
    status: "PERMISSION_DENIED",
    meaning: "An instruction's argument is missing or outside what the session allows.",
    remedy: "Keep the argument within the caveat.",
  },
  SESSION_RATE_EXCEEDED: {
    status: "PERMISSION_DENIED",
    meaning: "The session was used as often as its rate allows.",
    remedy: "Wait until the instant that the refusal names.",
  },
  SESSION_FEE_EXCEEDED: {
    status: "PERMISSION_DENIED",
    meaning: "The fee exceeds what is left of the session's fee budget.",
    remedy: "Lower the compute price, or have the owner grant a new session.",
  },
  SESSION_EFFECT_DENIED: {
    status: "PERMISSION_DENIED",
    meaning: "The whole transaction would take more from the owner than its post-condition allows.",
    remedy: "Take less in one transaction.",
  },
  SESSION_TREE_FULL: {
    status: "RESOURCE_EXHAUSTED",
    meaning: "Too many sessions come from one grant, or one from another too often.",
    remedy: "Have the owner grant a new session.",
  },
  INTENT_EPOCH_DEAD: {
    status: "FAILED_PRECONDITION",
    meaning: "The intent names an authority epoch that is over or has not begun.",
    remedy: "Sign again, in the epoch that the refusal names.",
  },
  // staking
  VALIDATOR_NOT_FOUND: {
    status: "NOT_FOUND",
    meaning: "No such validator.",
    remedy: "Check the validator id.",
  },
  VALIDATOR_TOMBSTONED: {
    status: "PERMISSION_DENIED",
    meaning: "The validator is barred for ever.",
    remedy: "Nothing: use another key.",
  },
  VALIDATOR_NOT_BONDED: {
    status: "FAILED_PRECONDITION",
    meaning: "The validator has no bonded stake.",
    remedy: "Bond first.",
  },
  BOND_TOO_SMALL: {
    status: "INVALID_ARGUMENT",
    meaning: "The bond is below the network's minimum.",
    remedy: "Bond at least the minimum.",
  },
  EVIDENCE_INVALID: {
    status: "INVALID_ARGUMENT",
    meaning: "The evidence does not prove an equivocation.",
    remedy:
      "Submit two attestations of one validator on one claim with different verdicts, both validly signed.",
  },
  EVIDENCE_DUPLICATE: {
    status: "ALREADY_EXISTS",
    meaning: "This fault was punished before.",
    remedy: "Nothing.",
  },
} as const satisfies CodeGroup;
