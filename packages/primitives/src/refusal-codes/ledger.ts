/** Refusals of transactions, of results and of movements on the base ledger. */
import type { CodeGroup } from "./code-entry.ts";

export const LEDGER_CODES = {
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
} as const satisfies CodeGroup;
