/** Offline: that a transaction's receipt belongs to a settled batch that the audit log contains. */
import type { types } from "@mira/api";
import { hashLeaf, verifyInclusion } from "@mira/merkle";
import { decodeHex, findAuditField, refuse, succeed, type Result } from "@mira/primitives";
import { decodeReceiptLeaf, WireError, type Receipt } from "@mira/runtime/wire";
import type { NetworkTrust } from "./network.ts";
import { verifyEntryProof, type VerifiedEntry } from "./verify-entry.ts";

export type VerifiedReceipt = { readonly receipt: Receipt; readonly batch: VerifiedEntry };

export function verifyReceiptProof(
  proof: types.ReceiptProof,
  trust: NetworkTrust,
): Result<VerifiedReceipt, "PROOF_INVALID"> {
  const batch = verifyEntryProof(proof.batchEntry, trust);
  if (!batch.ok) return batch;
  if (batch.value.kind !== "batch.settled")
    return refuse("PROOF_INVALID", "the entry is not of a settled batch", { kind: batch.value.kind });
  const root = decodeHex(findAuditField(batch.value, "receipts root") ?? "");
  if (root?.length !== 32 || proof.receiptInclusion === undefined)
    return refuse("PROOF_INVALID", "the batch's entry names no receipts root, or the path is missing");
  const { index, treeSize, path } = proof.receiptInclusion;
  // A path alone does not settle the tree's size: the entry says it.
  if (String(treeSize) !== findAuditField(batch.value, "transactions"))
    return refuse("PROOF_INVALID", "the receipts tree has another size than the batch", { treeSize });
  if (
    !verifyInclusion({
      leafHash: hashLeaf(proof.receipt),
      index: Number(index),
      treeSize: Number(treeSize),
      path,
      root,
    })
  )
    return refuse("PROOF_INVALID", "the receipt is not in the batch's receipts tree", { index, treeSize });
  const receipt = decodeReceipt(proof.receipt);
  if (!receipt.ok) return receipt;
  if (String(BigInt(receipt.value.sequence) - index) !== findAuditField(batch.value, "first sequence"))
    return refuse("PROOF_INVALID", "the receipt stands in another transaction's place", {
      sequence: receipt.value.sequence,
      index,
    });
  return succeed({ receipt: receipt.value, batch: batch.value });
}

function decodeReceipt(bytes: Uint8Array): Result<Receipt, "PROOF_INVALID"> {
  try {
    return succeed(decodeReceiptLeaf(bytes));
  } catch (error) {
    if (error instanceof WireError)
      return refuse("PROOF_INVALID", `the receipt's bytes are malformed: ${error.message}`);
    throw error;
  }
}
