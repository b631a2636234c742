/** What this validator has signed, on its own disk, written before any of it leaves: a restart never makes it contradict itself. */
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { decodeHex, encodeHex, InvariantViolation } from "@mira/primitives";
import type { SignedAttestation } from "../domain/attest.ts";
import type { Journal } from "../ports.ts";

type Line = { readonly verificationId: string; readonly attestations: readonly StoredAttestation[] };
type StoredAttestation = Omit<SignedAttestation, "attestation" | "signature" | "salt"> & {
  readonly attestation: string;
  readonly signature: string;
  readonly salt: string;
};

/** Of the newest verifications; older ones have long been certified. */
const KEPT_MAX = 10_000;
const DAMAGED = "the journal of signed attestations is damaged";

/** Opens or creates the file; a line cut off by a crash was never acted upon and is left out. Throws when it cannot be read. */
export async function openJournal(path: string): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, "a+", 0o600);
  try {
    await syncFolder(dirname(path));
    return createJournal(file, parseLines(await file.readFile("utf8")));
  } catch (error) {
    await file.close();
    throw error;
  }
}

function createJournal(file: FileHandle, entries: Map<string, readonly SignedAttestation[]>): Journal {
  return {
    find: (verificationId) => entries.get(verificationId),
    async record(verificationId, attestations) {
      if (entries.has(verificationId))
        throw new InvariantViolation(`verification ${verificationId} was signed before`);
      // A newline first, too: it ends whatever a crash left of a line.
      await file.appendFile(`\n${JSON.stringify(toLine(verificationId, attestations))}\n`);
      await file.datasync();
      entries.set(verificationId, attestations);
      const oldest = entries.keys().next();
      if (entries.size > KEPT_MAX && oldest.done !== true) entries.delete(oldest.value);
    },
    close: () => file.close(),
  };
}

/** A new file is there after a power cut only when its folder says so. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function parseLines(text: string): Map<string, readonly SignedAttestation[]> {
  const entries = new Map<string, readonly SignedAttestation[]>();
  for (const line of text.split("\n").slice(-2 * KEPT_MAX)) {
    const parsed = parseLine(line);
    if (parsed !== undefined) entries.set(parsed.verificationId, parsed.attestations.map(fromStored));
  }
  return entries;
}

/** A strict prefix of a line is no JSON, so whatever is JSON was written whole, and must be what we write. */
function parseLine(line: string): Line | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isLine(value)) throw new InvariantViolation(DAMAGED);
  return value;
}

function isLine(value: unknown): value is Line {
  return (
    typeof value === "object" &&
    value !== null &&
    "verificationId" in value &&
    typeof value.verificationId === "string" &&
    "attestations" in value &&
    Array.isArray(value.attestations)
  );
}

function toLine(verificationId: string, attestations: readonly SignedAttestation[]): Line {
  return {
    verificationId,
    attestations: attestations.map((one) => ({
      ...one,
      attestation: encodeHex(one.attestation),
      signature: encodeHex(one.signature),
      salt: encodeHex(one.salt),
    })),
  };
}

function fromStored(stored: StoredAttestation): SignedAttestation {
  return {
    ...stored,
    attestation: fromHex(stored.attestation),
    signature: fromHex(stored.signature),
    salt: fromHex(stored.salt),
  };
}

function fromHex(text: string): Uint8Array {
  const bytes = decodeHex(text);
  if (bytes === undefined) throw new InvariantViolation(DAMAGED);
  return bytes;
}
