/** THE verifier of ledger transactions: one rule, named in every batch header. */
import type { Result } from "@mira/primitives";
import type { DecodedTransaction } from "./wire/index.ts";

/** libsodium's strict Ed25519: no small-order or non-canonical A or R, canonical S, cofactorless. */
export const SIGNATURE_RULE = 1;

/** With a session its key stands in the fee payer's slot (signer 0); nothing else changes. */
export declare function verifyTransactionSignatures(
  bytes: Uint8Array,
  decoded: DecodedTransaction,
  sessionKey?: Uint8Array,
): boolean;
/** SHA-256 of the message bytes: the identity of a transaction, whatever its signatures. */
export declare function messageHash(bytes: Uint8Array, decoded: DecodedTransaction): Uint8Array;

export type SignedTransaction = { readonly wire: Uint8Array; readonly sessionKey?: Uint8Array };
export type Verdicts = {
  /** 1 = decodes and every signature verifies. */
  readonly valid: Uint8Array;
  /** 32 bytes each; zero where the bytes do not decode. */
  readonly hashes: Uint8Array;
};
export type VerifierPool = {
  verify(transactions: readonly SignedTransaction[]): Promise<Result<Verdicts, "OVERLOADED" | "DRAINING">>;
  close(): Promise<void>;
};
export declare function packSignedTransactions(transactions: readonly SignedTransaction[]): Uint8Array;
export declare function verifyMany(packed: Uint8Array): Verdicts;
export declare function createVerifierPool(options: {
  readonly threads: number;
  readonly queueLimit: number;
}): VerifierPool;
