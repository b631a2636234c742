/** Fee rule 1: what the SVM takes from the fee payer of a transaction that runs, whether it succeeds or fails. */
import type { Lamports } from "@mira/primitives";
import { decodeComputeBudget } from "./compute-budget.ts";
import { KEY_BYTES } from "./key.ts";
import { findProgramKind } from "./programs.ts";
import type { DecodedTransaction } from "./transaction.ts";

/** Number of this rule in batch headers. */
export const FEE_RULE = 1;
const LAMPORTS_PER_SIGNATURE = 5_000;
const MICRO_LAMPORTS = 1_000_000n;
const U64_MAX = 2n ** 64n - 1n;

/**
 * 5,000 lamports for each signature, those that precompiles check included, and ceil(unit price * unit limit / 1e6).
 * 0 when the ComputeBudget instructions are invalid: such a transaction never reaches the charge.
 */
export function computeFee(decoded: DecodedTransaction, bytes: Uint8Array): Lamports {
  const budget = decodeComputeBudget(decoded, bytes);
  if (!budget.ok) return 0n as Lamports;
  const signatures = decoded.signatureCount + countPrecompileSignatures(decoded, bytes);
  const base = BigInt(signatures * LAMPORTS_PER_SIGNATURE);
  const { unitPriceMicroLamports: price, unitLimit } = budget.value;
  if (price === 0n) return base as Lamports;
  const priority = (price * BigInt(unitLimit) + MICRO_LAMPORTS - 1n) / MICRO_LAMPORTS;
  const fee = base + priority;
  return (fee > U64_MAX ? U64_MAX : fee) as Lamports;
}

/** The first byte of a precompile's data says how many signatures it checks. */
function countPrecompileSignatures(decoded: DecodedTransaction, bytes: Uint8Array): number {
  let count = 0;
  for (const { programIdIndex, dataOffset, dataLength } of decoded.instructions) {
    const kind = findProgramKind(bytes, decoded.keysOffset + programIdIndex * KEY_BYTES);
    if (kind?.isPrecompile === true && dataLength > 0) count += bytes[dataOffset] ?? 0;
  }
  return count;
}
