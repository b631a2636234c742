/** Offline: that an audit entry is in the log whose head the network signed. */
import type { types } from "@mira/api";
import { hashLeaf, parseVerifierKey, verifyCheckpoint, verifyInclusion } from "@mira/merkle";
import { decodeAuditEntry, refuse, succeed, type AuditEntryContent, type Result } from "@mira/primitives";
import type { NetworkTrust } from "./network.ts";

export type VerifiedEntry = AuditEntryContent & { readonly index: number; readonly treeSize: number };

export function verifyEntryProof(
  proof: types.EntryProof | undefined,
  trust: NetworkTrust,
): Result<VerifiedEntry, "PROOF_INVALID"> {
  if (proof?.inclusion === undefined) return refuse("PROOF_INVALID", "the proof is not complete");
  const key = parseVerifierKey(trust.logVerifierKey);
  if (!key.ok) return refuse("PROOF_INVALID", "the network's log key is malformed", { problem: key.message });
  const checkpoint = verifyCheckpoint(proof.checkpoint, { origin: trust.networkId, keys: [key.value] });
  if (!checkpoint.ok)
    return refuse(
      "PROOF_INVALID",
      `the checkpoint does not verify: ${checkpoint.message}`,
      checkpoint.details,
    );
  const { size, root } = checkpoint.value;
  const index = Number(proof.inclusion.index);
  const treeSize = Number(proof.inclusion.treeSize);
  if (treeSize !== size)
    return refuse("PROOF_INVALID", "the path belongs to another tree size than the checkpoint", {
      needed: size,
      got: treeSize,
    });
  if (
    !verifyInclusion({ leafHash: hashLeaf(proof.entry), index, treeSize, path: proof.inclusion.path, root })
  )
    return refuse("PROOF_INVALID", "the inclusion path does not lead to the checkpoint's root", {
      index,
      treeSize,
    });
  const entry = decodeAuditEntry(proof.entry);
  if (!entry.ok) return entry;
  if (entry.value.networkId !== trust.networkId)
    return refuse("PROOF_INVALID", "the entry is another network's", {
      needed: trust.networkId,
      got: entry.value.networkId,
    });
  return succeed({ ...entry.value, index, treeSize });
}
