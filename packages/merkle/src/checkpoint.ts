/** C2SP checkpoints v1.0.0: the signed head of a log, `origin`, size and root on a line each. */
import { assertLength, invariant, refuse, succeed, type Refusal, type Result } from "@mira/primitives";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { HASH_BYTES } from "./hashing.ts";
import { verifyNote, type VerifiedNote } from "./note.ts";
import type { VerifierKey } from "./verifier-key.ts";

export type Checkpoint = {
  readonly origin: string;
  /** Number of leaves; sizes above 2^53-1 are refused. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
};

/** The text to sign: three lines, no extension lines, since no monitor can audit those. */
export function encodeCheckpoint({ origin, size, root }: Checkpoint): string {
  invariant(/^[^\n]+$/.test(origin), "a checkpoint's origin is one non-empty line");
  invariant(Number.isSafeInteger(size) && size >= 0, () => `tree size: needed 0..2^53-1, got ${size}`);
  return `${origin}\n${size}\n${encodeBase64(assertLength(root, HASH_BYTES, "root"))}\n`;
}

/** Reads a note's text. Says nothing about who signed it: see verifyCheckpoint. */
export function parseCheckpoint(
  text: string,
): Result<Checkpoint & { readonly extensions: readonly string[] }, "PROOF_INVALID"> {
  if (!text.endsWith("\n")) return refuseCheckpoint("it does not end in a newline");
  const [origin, sizeText, rootText, ...extensions] = text.slice(0, -1).split("\n");
  if (origin === undefined || origin === "") return refuseCheckpoint("its origin is empty");
  if (!/^(?:0|[1-9]\d{0,15})$/.test(sizeText ?? ""))
    return refuseCheckpoint("its size is not a plain decimal");
  const size = Number(sizeText);
  if (!Number.isSafeInteger(size)) return refuseCheckpoint("its size is above 2^53-1");
  const root = decodeBase64(rootText ?? "");
  if (root?.length !== HASH_BYTES) return refuseCheckpoint("its root is not base64 of 32 bytes");
  if (extensions.includes("")) return refuseCheckpoint("an extension line is empty");
  return succeed({ origin, size, root, extensions });
}

export type VerifiedCheckpoint = Checkpoint & Omit<VerifiedNote, "text">;

/** A checkpoint of the log named `origin` that at least one of `keys` signed. */
export function verifyCheckpoint(
  note: string | Uint8Array,
  { origin, keys }: { readonly origin: string; readonly keys: readonly VerifierKey[] },
): Result<VerifiedCheckpoint, "PROOF_INVALID"> {
  const verified = verifyNote(note, keys);
  if (!verified.ok) return verified;
  const parsed = parseCheckpoint(verified.value.text);
  if (!parsed.ok) return parsed;
  if (parsed.value.origin !== origin)
    return refuseCheckpoint(`needed origin ${origin}, got ${parsed.value.origin}`);
  const { signedBy, ignored } = verified.value;
  return succeed({ origin, size: parsed.value.size, root: parsed.value.root, signedBy, ignored });
}

function refuseCheckpoint(why: string): Refusal<"PROOF_INVALID"> {
  return refuse("PROOF_INVALID", `the checkpoint is refused: ${why}`);
}
