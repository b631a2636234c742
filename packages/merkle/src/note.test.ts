import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeyPair, encodeUtf8, type Result } from "@mira/primitives";
import {
  createVerifierKey,
  encodeCheckpoint,
  formatSignatureLine,
  formatVerifierKey,
  hashLeaf,
  parseCheckpoint,
  parseVerifierKey,
  signNote,
  verifyCheckpoint,
  verifyNote,
} from "./index.ts";

const NAME = "log.example/mira";
const keyPair = createKeyPair(new Uint8Array(32).fill(1));
const otherPair = createKeyPair(new Uint8Array(32).fill(2));
const key = createVerifierKey(NAME, keyPair.publicKey);
const otherKey = createVerifierKey("witness.example", otherPair.publicKey);
const root = hashLeaf(Uint8Array.of(1));
const TEXT = encodeCheckpoint({ origin: NAME, size: 7, root });
const NOTE = signNote(TEXT, NAME, keyPair);

test("the example of the C2SP specification verifies", () => {
  const vkey = parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
  const signature =
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=";
  const note = `This is an example message.\n\n— example.com/foo ${signature}\n`;
  const verified = verifyNote(note, [vkey]);
  assert.ok(verified.ok);
  assert.equal(verified.value.text, "This is an example message.\n");
  assert.equal(
    formatVerifierKey("example.com/foo", vkey.publicKey),
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
  );
});

/** The example of golang.org/x/mod/sumdb/note: its key name and signatures are fixed there. */
test("the example of Go's note package verifies", () => {
  const vkey = parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  const text =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
  const signature =
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
  assert.ok(verifyNote(`${text}\n— PeterNeumann ${signature}\n`, [vkey]).ok);
  refuses(verifyNote(`${text}.\n— PeterNeumann ${signature}\n`, [vkey]), /./);
});

test("a signed note verifies, as text and as bytes, and names who signed", () => {
  for (const note of [NOTE, encodeUtf8(NOTE)]) {
    const verified = verifyNote(note, [otherKey, key]);
    assert.ok(verified.ok);
    assert.equal(verified.value.text, TEXT);
    assert.deepEqual(verified.value.signedBy, [{ name: NAME, keyId: key.keyId }]);
  }
});

test("the last blank line separates text from signatures", () => {
  const text = "one\n\ntwo\n\n\n";
  const verified = verifyNote(signNote(text, NAME, keyPair), [key]);
  assert.ok(verified.ok);
  assert.equal(verified.value.text, text);
});

test("signatures of unknown keys are ignored, also when they share the name or the id", () => {
  const stranger = formatSignatureLine(TEXT, "stranger.example", otherPair);
  const sameName = formatSignatureLine(TEXT, NAME, otherPair);
  const sameId = `— another.example ${Buffer.concat([key.keyId, new Uint8Array(64)]).toString("base64")}\n`;
  const verified = verifyNote(`${NOTE}${stranger}${sameName}${sameId}${stranger}`, [key]);
  assert.ok(verified.ok);
  assert.equal(verified.value.signedBy.length, 1);
  assert.deepEqual(
    verified.value.ignored.map(({ name }) => name),
    ["stranger.example", NAME, "another.example"],
  );
  refuses(verifyNote(NOTE, [otherKey]), /no known key/);
  refuses(verifyNote(NOTE, []), /no known key/);
});

test("a bad signature under a known name and id rejects the note, however many good ones stand beside it", () => {
  const bad = `— witness.example ${Buffer.concat([otherKey.keyId, new Uint8Array(64)]).toString("base64")}\n`;
  refuses(verifyNote(NOTE + bad, [key, otherKey]), /witness\.example\+[0-9a-f]{8} does not verify/);
  assert.ok(verifyNote(NOTE + bad, [key]).ok);
});

test("a second signature of a key that has signed is not looked at, as in Go", () => {
  const bad = `— ${NAME} ${Buffer.concat([key.keyId, new Uint8Array(64)]).toString("base64")}\n`;
  assert.ok(verifyNote(NOTE + bad, [key]).ok);
  refuses(verifyNote(`${TEXT}\n${bad}${NOTE.slice(TEXT.length + 1)}`, [key]), /does not verify/);
});

test("16 signatures are accepted and 101 are not", () => {
  const strangers = (count: number) =>
    Array.from({ length: count }, (_, at) => formatSignatureLine(TEXT, `w${at}.example`, otherPair)).join("");
  assert.ok(verifyNote(NOTE + strangers(15), [key]).ok);
  refuses(verifyNote(NOTE + strangers(100), [key]), /more than 100/);
});

test("every changed byte of a signed note is noticed", () => {
  const bytes = encodeUtf8(NOTE);
  for (let at = 0; at < bytes.length; at++) {
    const bent = bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
    assert.equal(verifyNote(bent, [key]).ok, false, `byte ${at}`);
  }
});

const SIGNATURE_LINE = NOTE.slice(TEXT.length + 1);
const ENCODED = SIGNATURE_LINE.trimEnd().split(" ").at(-1) ?? "";
const malformed: ReadonlyArray<readonly [what: string, note: string]> = [
  ["nothing", ""],
  ["no blank line", TEXT + SIGNATURE_LINE],
  ["no final newline", NOTE.slice(0, -1)],
  ["no signature", `${TEXT}\n`],
  ["a carriage return", NOTE.replaceAll("\n", "\r\n")],
  ["a tab in the text", signUnchecked("a\tb\n")],
  ["a hyphen for the em dash", NOTE.replace("—", "-")],
  ["no space after the dash", NOTE.replace("— ", "—")],
  ["two spaces before the signature", NOTE.replace(`${NAME} `, `${NAME}  `)],
  ["a trailing space", `${NOTE.slice(0, -1)} \n`],
  ["a blank line among the signatures", `${NOTE}\n`],
  ["no name", NOTE.replace(NAME + " ", " ").replace(TEXT, TEXT)],
  ["base64 without padding", NOTE.replace("=\n", "\n")],
  ["base64url", `${TEXT}\n— ${NAME} ${Buffer.from(ENCODED, "base64").toString("base64url")}\n`],
  ["four bytes of signature", `${TEXT}\n— ${NAME} ${Buffer.from(key.keyId).toString("base64")}\n`],
  ["a lone surrogate", `\ud800\n\n${SIGNATURE_LINE}`],
  ["over a megabyte", `${"a".repeat(1_000_000)}\n\n${SIGNATURE_LINE}`],
];
for (const [what, note] of malformed)
  test(`a note with ${what} is refused`, () => refuses(verifyNote(note, [key]), /the note is refused/));

test("bytes that are not UTF-8 are refused, and a byte order mark is part of the text", () => {
  refuses(verifyNote(Uint8Array.of(0xff, 0x0a, 0x0a), [key]), /UTF-8/);
  const text = "\ufefftext\n";
  const verified = verifyNote(encodeUtf8(signNote(text, NAME, keyPair)), [key]);
  assert.ok(verified.ok);
  assert.equal(verified.value.text, text);
});

test("what could never verify is not signed", () => {
  assert.throws(() => signNote("no newline", NAME, keyPair), /ends in a newline/);
  assert.throws(() => signNote("tab\t\n", NAME, keyPair), /control character/);
  for (const name of ["", "a b", "a+b", "a\u00a0b", "a\nb"])
    assert.throws(() => signNote("text\n", name, keyPair), /key name/);
});

test("a verifier key survives its text, and each kind of damage is refused", () => {
  const text = formatVerifierKey(NAME, keyPair.publicKey);
  assert.deepEqual(parse(text), key);
  const [name = "", id = "", material = ""] = text.split("+");
  for (const damaged of [
    "",
    name,
    `${name}+${id}`,
    `+${id}+${material}`,
    `${name}x+${id}+${material}`,
    `${name}+${id.toUpperCase()}A+${material}`,
    `${name}+00000000+${material}`,
    `${name}+${id}+${material}=`,
    `${name}+${id}+${Buffer.concat([Uint8Array.of(4), keyPair.publicKey]).toString("base64")}`,
    `${"n".repeat(2000)}+${id}+${material}`,
  ])
    refuses(parseVerifierKey(damaged), /the verifier key is malformed/);
});

test("a checkpoint is three lines, and is read back", () => {
  assert.match(TEXT, /^log\.example\/mira\n7\n[A-Za-z0-9+/]{43}=\n$/);
  const verified = verifyCheckpoint(NOTE, { origin: NAME, keys: [key] });
  assert.ok(verified.ok);
  assert.equal(verified.value.size, 7);
  assert.deepEqual(Buffer.from(verified.value.root), Buffer.from(root));
  refuses(verifyCheckpoint(NOTE, { origin: "other.example", keys: [key] }), /needed origin other\.example/);
  refuses(verifyCheckpoint(NOTE, { origin: NAME, keys: [otherKey] }), /no known key/);
});

const ROOT_TEXT = TEXT.split("\n")[2] ?? "";
const malformedCheckpoints: ReadonlyArray<readonly [what: string, text: string]> = [
  ["no final newline", `o\n1\n${ROOT_TEXT}`],
  ["two lines", "o\n1\n"],
  ["no origin", `\n1\n${ROOT_TEXT}\n`],
  ["a leading zero", `o\n01\n${ROOT_TEXT}\n`],
  ["a plus sign", `o\n+1\n${ROOT_TEXT}\n`],
  ["a negative size", `o\n-1\n${ROOT_TEXT}\n`],
  ["a size above 2^53-1", `o\n9007199254740992\n${ROOT_TEXT}\n`],
  ["a root of 31 bytes", `o\n1\n${Buffer.alloc(31).toString("base64")}\n`],
  ["an empty extension line", `o\n1\n${ROOT_TEXT}\n\n`],
];
for (const [what, text] of malformedCheckpoints)
  test(`a checkpoint with ${what} is refused`, () =>
    refuses(parseCheckpoint(text), /the checkpoint is refused/));

test("extension lines are kept, opaque", () => {
  const parsed = parseCheckpoint(`o\n0\n${ROOT_TEXT}\nmore\n`);
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value.extensions, ["more"]);
});

function parse(text: string) {
  const parsed = parseVerifierKey(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
}

function signUnchecked(text: string): string {
  return `${text}\n${formatSignatureLine(text, NAME, keyPair)}`;
}

function refuses(result: Result<unknown>, message: RegExp): void {
  assert.equal(result.ok, false);
  assert.equal(result.code, "PROOF_INVALID");
  assert.match(result.message, message);
}
