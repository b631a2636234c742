/** That a log whose head its key signed holds an envelope; and when it does not, which line of the proof is at fault. */
import {
  hashLeaf,
  parseCheckpoint,
  verifyCheckpoint,
  verifyInclusion,
  type Checkpoint,
  type VerifierKey,
} from "@mira/merkle";
import { succeed } from "@mira/primitives";
import { refusePart, type CertificateResult } from "./part.ts";
import type { TlogProof } from "./tlog-proof.ts";

export type LoggedAt = { readonly origin: string; readonly index: number; readonly treeSize: number };

/** `key` carries the log's origin as its name. Every signature line of the checkpoint MUST be of that key. */
export function verifyLogged(
  envelope: Uint8Array,
  proof: TlogProof,
  key: VerifierKey,
): CertificateResult<LoggedAt> {
  const leafHash = hashLeaf(envelope);
  const { index, path } = proof;
  const head = verifyHead(proof, leafHash, key);
  if (!head.ok) return head;
  const { origin, size, root } = head.value;
  if (verifyInclusion({ leafHash, index, treeSize: size, path, root }))
    return succeed({ origin, index, treeSize: size });
  const isIndex = listEdits(index).some((other) =>
    verifyInclusion({ leafHash, index: other, treeSize: size, path, root }),
  );
  return isIndex
    ? refusePart("tlogProof.index", "it is not the envelope's place in the log", { index })
    : refusePart("tlogProof.path", "it does not lead from the envelope to the checkpoint's root", { index });
}

function verifyHead(proof: TlogProof, leafHash: Uint8Array, key: VerifierKey): CertificateResult<Checkpoint> {
  const note = proof.checkpoint;
  const blank = note.indexOf("\n\n");
  if (blank < 0) return refusePart("tlogProof.checkpoint", "no blank line stands before its signature");
  const head = parseCheckpoint(note.slice(0, blank + 1));
  if (!head.ok) return refusePart("tlogProof.checkpoint.text", head.message);
  const { origin, size, extensions } = head.value;
  if (origin !== key.name || extensions.length > 0)
    return refusePart("tlogProof.checkpoint.text", "it is another log's, or says more than a log's head", {
      needed: key.name,
      got: origin.slice(0, 128),
    });
  const verified = verifyCheckpoint(note, { origin: key.name, keys: [key] });
  const lines = note.slice(blank + 2).split("\n").length - 1;
  if (verified.ok && verified.value.signedBy.length === lines) return succeed(verified.value);
  if (verified.ok)
    return refusePart("tlogProof.checkpoint.signature", "a line is not a signature of the log's key");
  const text = isTextChanged(proof, leafHash, head.value, key);
  return text
    ? refusePart("tlogProof.checkpoint.text", "its size or root is not what was signed", { size })
    : refusePart("tlogProof.checkpoint.signature", "it does not verify with the log's key");
}

/** Nothing is trusted here: this tells only which of two lines to name. A signed root is one that the path leads to. */
function isTextChanged(
  { index, path, checkpoint }: TlogProof,
  leafHash: Uint8Array,
  { size, root }: Checkpoint,
  key: VerifierKey,
): boolean {
  if (!verifyInclusion({ leafHash, index, treeSize: size, path, root })) return true;
  return listEdits(size).some((other) => {
    const note = checkpoint.replace(`\n${size}\n`, `\n${other}\n`);
    return verifyCheckpoint(note, { origin: key.name, keys: [key] }).ok;
  });
}

/** All numbers that differ from this one in one digit. */
function listEdits(value: number): number[] {
  const digits = String(value);
  return Array.from(digits).flatMap((_, at) =>
    Array.from({ length: 10 }, (__, digit) =>
      Number(`${digits.slice(0, at)}${digit}${digits.slice(at + 1)}`),
    ),
  );
}
