/** The bytes of the ledger: the strict decoder of Solana transactions, and the packed formats. */
export * from "./compute-budget.ts";
export * from "./fee.ts";
export { AS_SETTLED, InputsView, type AccountInput } from "./inputs.ts";
export { accountKey, accountKeyBytes } from "./key.ts";
export * from "./leaves.ts";
export * from "./locks.ts";
export * from "./merge.ts";
export * from "./partition-result.ts";
export * from "./partition.ts";
export { ReceiptsView, type Receipt, type ReceiptStatus } from "./receipts.ts";
export * from "./sealed-batch.ts";
export * from "./settled-batch.ts";
export * from "./system-program.ts";
export {
  encodeTransactionRecord,
  TransactionsView,
  type SessionRecord,
  type TransactionRecord,
} from "./transaction-records.ts";
export * from "./transaction.ts";
export * from "./view-row.ts";
export * from "./wire-error.ts";
export { WritesView, type AccountValue, type AccountWrite } from "./writes.ts";
