/** C2SP signed notes v1.0.0: text signed by one or more Ed25519 keys, checked exactly as golang.org/x/mod/sumdb/note does. */
import {
  concatBytes,
  encodeHex,
  encodeUtf8,
  invariant,
  refuse,
  succeed,
  verifySignature,
  type KeyPair,
  type Refusal,
  type Result,
} from "@mira/primitives";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { createVerifierKey, isKeyName, KEY_ID_BYTES, type VerifierKey } from "./verifier-key.ts";

/** As in Go's package: notes are small, and a reader of hostile ones needs a bound. */
const NOTE_BYTES_MAX = 1_000_000;
const SIGNATURES_MAX = 100;
const SIGNATURE_PREFIX = "— ";

export type NoteSignature = { readonly name: string; readonly keyId: Uint8Array };
export type VerifiedNote = {
  /** With its final newline, without the blank line. */
  readonly text: string;
  /** One for each known key that signed; at least one. */
  readonly signedBy: readonly NoteSignature[];
  /** Signatures of keys that were not given: nothing is known about them. */
  readonly ignored: readonly NoteSignature[];
};

/**
 * The text of a note that at least one of `keys` signed. Signatures of unknown keys are ignored; a bad signature under a known
 * name and id rejects the whole note.
 */
export function verifyNote(
  note: string | Uint8Array,
  keys: readonly VerifierKey[],
): Result<VerifiedNote, "PROOF_INVALID"> {
  const parts = splitNote(note);
  if (!parts.ok) return parts;
  const message = encodeUtf8(parts.value.text);
  const signedBy = new Map<string, NoteSignature>();
  const ignored = new Map<string, NoteSignature>();
  for (const line of parts.value.lines) {
    const signature = parseSignatureLine(line);
    if (signature === undefined) return refuseNote("a signature line is malformed");
    const id = `${signature.name}+${encodeHex(signature.keyId)}`;
    const key = keys.find((candidate) => `${candidate.name}+${encodeHex(candidate.keyId)}` === id);
    if (key === undefined) ignored.set(line, signature);
    else if (!signedBy.has(id)) {
      if (!verifySignature(key.publicKey, message, signature.bytes))
        return refuseNote(`the signature of ${id} does not verify`);
      signedBy.set(id, signature);
    }
  }
  if (signedBy.size === 0) return refuseNote("no known key has signed it");
  return succeed({
    text: parts.value.text,
    signedBy: [...signedBy.values()].map(describe),
    ignored: [...ignored.values()].map(describe),
  });
}

/** Signs a text that ends in a newline. */
export function signNote(text: string, name: string, keyPair: KeyPair): string {
  invariant(isNoteText(text), "a note's text ends in a newline and has no other control character");
  return `${text}\n${formatSignatureLine(text, name, keyPair)}`;
}

/** One more signature line for a note, newline included. */
export function formatSignatureLine(text: string, name: string, keyPair: KeyPair): string {
  invariant(isKeyName(name), () => `key name: needed no space and no plus, got ${JSON.stringify(name)}`);
  const { keyId } = createVerifierKey(name, keyPair.publicKey);
  const signature = keyPair.sign(encodeUtf8(text));
  return `${SIGNATURE_PREFIX}${name} ${encodeBase64(concatBytes(keyId, signature))}\n`;
}

type NoteParts = { readonly text: string; readonly lines: readonly string[] };

function splitNote(note: string | Uint8Array): Result<NoteParts, "PROOF_INVALID"> {
  if (note.length > NOTE_BYTES_MAX) return refuseNote(`it is over ${NOTE_BYTES_MAX} bytes`);
  const whole = typeof note === "string" ? note : decodeUtf8(note);
  if (whole === undefined || !isPrintable(whole))
    return refuseNote("it is not UTF-8 without control characters");
  const blank = whole.lastIndexOf("\n\n");
  if (blank < 0) return refuseNote("a blank line before the signatures is missing");
  const [text, block] = [whole.slice(0, blank + 1), whole.slice(blank + 2)];
  if (!block.endsWith("\n")) return refuseNote("it does not end in a signature line");
  const lines = block.slice(0, -1).split("\n");
  if (lines.length > SIGNATURES_MAX) return refuseNote(`it has more than ${SIGNATURES_MAX} signatures`);
  return succeed({ text, lines });
}

function parseSignatureLine(line: string): (NoteSignature & { readonly bytes: Uint8Array }) | undefined {
  if (!line.startsWith(SIGNATURE_PREFIX)) return undefined;
  const [name, encoded, ...rest] = line.slice(SIGNATURE_PREFIX.length).split(" ");
  if (name === undefined || encoded === undefined || rest.length > 0 || !isKeyName(name)) return undefined;
  const decoded = decodeBase64(encoded);
  if (decoded === undefined || decoded.length <= KEY_ID_BYTES) return undefined;
  return { name, keyId: decoded.slice(0, KEY_ID_BYTES), bytes: decoded.slice(KEY_ID_BYTES) };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const isNoteText = (text: string): boolean => text.endsWith("\n") && isPrintable(text);
/** Below U+0020 only the newline may stand. */
const isPrintable = (text: string): boolean => text.isWellFormed() && !/[\0-\x09\x0b-\x1f]/.test(text);
const describe = ({ name, keyId }: NoteSignature): NoteSignature => ({ name, keyId });

function refuseNote(why: string): Refusal<"PROOF_INVALID"> {
  return refuse("PROOF_INVALID", `the note is refused: ${why}`);
}
