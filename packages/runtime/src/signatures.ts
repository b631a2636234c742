/** THE verifier of ledger transactions: one rule, named in every batch header, for the sequencer and the re-executor alike. */
export {
  packSignedTransactions,
  verifyMany,
  type SignedTransaction,
  type Verdicts,
} from "./signatures/packed.ts";
export { createVerifierPool, type VerifierPool, type VerifierPoolOptions } from "./signatures/pool.ts";
export { messageHash, SIGNATURE_RULE, verifyTransactionSignatures } from "./signatures/verify.ts";
