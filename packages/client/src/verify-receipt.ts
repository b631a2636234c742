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
  try {
    return succeed({ receipt: decodeReceiptLeaf(proof.receipt), batch: batch.value });
  } catch (error) {
    if (error instanceof WireError)
      return refuse("PROOF_INVALID", `the receipt's bytes are malformed: ${error.message}`);
    throw error;
  }
}
