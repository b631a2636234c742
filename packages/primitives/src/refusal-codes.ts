/** The registry of refusal codes: docs/errors.md and gRPC statuses are made from it. Codes are never renamed or reused. */
export type CanonicalStatus =
  | "INVALID_ARGUMENT"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "UNAUTHENTICATED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "OUT_OF_RANGE"
  | "UNAVAILABLE"
  | "DEADLINE_EXCEEDED";

type CodeEntry = {
  readonly status: CanonicalStatus;
  /** What it means, for a reader who meets it in a log. */
  readonly meaning: string;
  /** What to do about it. */
  readonly remedy: string;
};

export const REFUSAL_CODES = {
  // any service
  REQUEST_INVALID: {
    status: "INVALID_ARGUMENT",
    meaning: "A field of the request is missing or malformed.",
    remedy: "Mend the field that the details name.",
  },
  REQUEST_ID_REUSED: {
    status: "ALREADY_EXISTS",
    meaning: "The request id was used before with another content.",
    remedy: "Use a new request id for a new request.",
  },
  NOT_FOUND: {
    status: "NOT_FOUND",
    meaning: "Nothing with that id is known as of the batch or version named.",
    remedy: "Check the id; wait if it was made a moment ago.",
  },
  NOT_LEADER: {
    status: "UNAVAILABLE",
    meaning: "This replica does not hold the lease.",
    remedy: "Retry; the leader answers.",
  },
  DRAINING: {
    status: "UNAVAILABLE",
    meaning: "The service is stopping and takes no new work.",
    remedy: "Retry against another replica.",
  },
  OVERLOADED: {
    status: "RESOURCE_EXHAUSTED",
    meaning: "A bounded queue is full.",
    remedy: "Slow down and retry after the time in retryAfterMs.",
  },
  CONCURRENT_CHANGE: {
    status: "ABORTED",
    meaning: "Someone else changed the same thing first.",
    remedy: "Read again and retry.",
  },
  DEPENDENCY_UNAVAILABLE: {
    status: "UNAVAILABLE",
    meaning: "A service that the asked one needs did not answer in time.",
    remedy: "Retry; look at that service if it lasts.",
  },
  APPEND_TOO_LARGE: {
    status: "INVALID_ARGUMENT",
    meaning: "One append has more events or bytes than a transaction may hold.",
    remedy: "Split it; the details name the limit.",
  },
  // transactions
  TRANSACTION_MALFORMED: {
    status: "INVALID_ARGUMENT",
    meaning: "The bytes are not exactly one canonical legacy or v0 transaction.",
    remedy: "Encode it with a Solana library; send no trailing bytes.",
  },
  TRANSACTION_TOO_LARGE: {
    status: "INVALID_ARGUMENT",
    meaning: "The transaction is longer than 1,232 bytes.",
    remedy: "Split it or use a lookup table.",
  },
  TRANSACTION_VERSION_UNSUPPORTED: {
    status: "INVALID_ARGUMENT",
    meaning: "Only legacy and v0 transactions are accepted.",
    remedy: "Rebuild the message as legacy or v0.",
  },
  SIGNATURE_INVALID: {
    status: "UNAUTHENTICATED",
    meaning: "A signature does not verify under the network's rule.",
    remedy: "Sign the exact message bytes with the key in the signer slot.",
  },
  BLOCKHASH_EXPIRED: {
    status: "FAILED_PRECONDITION",
    meaning: "The recent blockhash is not within the window of 150 slots.",
    remedy: "Fetch the latest blockhash, sign again.",
  },
  TRANSACTION_DUPLICATE: {
    status: "ALREADY_EXISTS",
    meaning: "The same message was admitted within the blockhash window.",
    remedy: "Nothing: its first submission counts. Look up its receipt.",
  },
  FEE_PAYER_UNFUNDED: {
    status: "FAILED_PRECONDITION",
    meaning: "The fee payer cannot pay the fee beside what it has already pending.",
    remedy: "Fund the fee payer.",
  },
  TOO_MANY_LOCKS: {
    status: "INVALID_ARGUMENT",
    meaning: "The transaction locks more accounts than allowed.",
    remedy: "Split the transaction.",
  },
  ACCOUNT_LOADED_TWICE: {
    status: "INVALID_ARGUMENT",
    meaning: "An account occurs twice among the transaction's accounts.",
    remedy: "Name each account once.",
  },
  DURABLE_NONCE_REFUSED: {
    status: "PERMISSION_DENIED",
    meaning: "Durable nonces are unexpiring signed authority and are refused.",
    remedy: "Use a recent blockhash; delegate with a session.",
  },
  PROGRAM_REFUSED: {
    status: "PERMISSION_DENIED",
    meaning: "The program is not offered on this network.",
    remedy: "See the runtime's list of programs.",
  },
  LOOKUP_TABLE_NOT_FOUND: {
    status: "FAILED_PRECONDITION",
    meaning: "An address lookup table does not exist or lacks the index.",
    remedy: "Create or extend the table, wait until it is settled.",
  },
  LOOKUP_TABLE_UNSETTLED: {
    status: "FAILED_PRECONDITION",
    meaning: "The lookup table is being changed by an unsettled transaction.",
    remedy: "Retry when that transaction is settled.",
  },
  ACCOUNT_CONGESTED: {
    status: "RESOURCE_EXHAUSTED",
    meaning: "An account's compute budget in the pending batches is used up.",
    remedy: "Retry after the time in retryAfterMs.",
  },
  SPECULATION_LIMIT: {
    status: "RESOURCE_EXHAUSTED",
    meaning: "Too many batches are sequenced and not yet settled.",
    remedy: "Retry after the time in retryAfterMs; see settlement's status.",
  },
  // settlement refuses a result
  RESULT_UNSIGNED: {
    status: "UNAUTHENTICATED",
    meaning: "A result's signature does not verify under a known executor's key.",
    remedy: "Register the executor's key.",
  },
  RESULT_WRONG_BATCH: {
    status: "FAILED_PRECONDITION",
    meaning: "A result does not belong to the sealed batch or its runtime id.",
    remedy: "Run the executor with the network's runtime.",
  },
  RESULT_UNDECLARED_WRITE: {
    status: "FAILED_PRECONDITION",
    meaning: "A write lies outside the declared write locks.",
    remedy: "Look at the quarantined result; the executor is set aside.",
  },
  RESULT_STALE_INPUT: {
    status: "FAILED_PRECONDITION",
    meaning: "An input version is not the version the ledger's order demands.",
    remedy: "The partition is executed again.",
  },
  RESULT_VALUE_NOT_CONSERVED: {
    status: "FAILED_PRECONDITION",
    meaning: "Lamports appeared or vanished beyond the fees.",
    remedy: "Look at the quarantined result; the executor is set aside.",
  },
  RESULT_FEE_WRONG: {
    status: "FAILED_PRECONDITION",
    meaning: "A receipt's fee is not the fee that the header's rules give.",
    remedy: "Look at the quarantined result; the executor is set aside.",
  },
  RESULT_INCOMPLETE: {
    status: "FAILED_PRECONDITION",
    meaning: "A result lacks receipts or names others than its partition's.",
    remedy: "Look at the quarantined result; the executor is set aside.",
  },
  SESSION_OVERSPENT: {
    status: "FAILED_PRECONDITION",
    meaning: "A session transaction moved more than was reserved for it.",
    remedy: "Look at the quarantined result.",
  },
  SETTLEMENT_HALTED: {
    status: "UNAVAILABLE",
    meaning: "Settlement is halted; nothing settles until it is resumed.",
    remedy: "See the halt reason in settlement's status.",
  },
  // an executor refuses to run
  PARTITION_INPUTS_MISSING: {
    status: "FAILED_PRECONDITION",
    meaning: "A partition locks an account that was not supplied, present or declared absent.",
    remedy: "Seal partitions with every lock among the inputs; the partition is delivered again.",
  },
  ACCOUNT_FROZEN: {
    status: "FAILED_PRECONDITION",
    meaning: "A frozen account's lamports would change.",
    remedy: "Have the account's freeze lifted.",
  },
  VELOCITY_EXCEEDED: {
    status: "FAILED_PRECONDITION",
    meaning: "More lamports would move than a window allows.",
    remedy: "Move less at once.",
  },
  VERDICT_NOT_INDEPENDENT: {
    status: "PERMISSION_DENIED",
    meaning: "A re-execution answer does not come from an independent, known re-executor.",
    remedy: "Register the re-executor's key; it may not execute partitions of the same batch.",
  },
  VERDICT_UNABLE: {
    status: "FAILED_PRECONDITION",
    meaning: "The re-executor could not tell; that is no answer.",
    remedy: "Look at the re-executor's reason; finality waits for a positive answer.",
  },
  BATCH_FINALIZED: {
    status: "FAILED_PRECONDITION",
    meaning: "The batch is finalized; nothing changes it.",
    remedy: "Nothing.",
  },
  BATCH_HELD: {
    status: "FAILED_PRECONDITION",
    meaning: "A hold lies on the batch or on one before it.",
    remedy: "See the hold's reason in settlement's status.",
  },
  CHALLENGE_WINDOW_OPEN: {
    status: "FAILED_PRECONDITION",
    meaning: "The challenge window of the batch has not passed.",
    remedy: "Wait until the instant in the details.",
  },
  REEXECUTION_MISSING: {
    status: "FAILED_PRECONDITION",
    meaning: "No independent executor has agreed to the batch's result yet.",
    remedy: "See that a re-executor runs; time alone never finalizes.",
  },
  // base ledger
  BALANCE_INSUFFICIENT: {
    status: "FAILED_PRECONDITION",
    meaning: "The debit account lacks the amount.",
    remedy: "Fund the account or lower the amount.",
  },
  TRANSFER_ENDED: {
    status: "FAILED_PRECONDITION",
    meaning: "The pending transfer was posted, voided or has expired.",
    remedy: "Create a new transfer.",
  },
  TRANSFER_FORBIDDEN: {
    status: "PERMISSION_DENIED",
    meaning: "The caller may not debit that account.",
    remedy: "Have the account's owner sign the intent.",
  },
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
} as const satisfies Record<string, CodeEntry>;

export type RefusalCode = keyof typeof REFUSAL_CODES;

export function isRefusalCode(code: string): code is RefusalCode {
  return Object.hasOwn(REFUSAL_CODES, code);
}
