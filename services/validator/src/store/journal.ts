/** What this validator has signed, on its own disk, written before any of it leaves: a restart never makes it contradict itself. */
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { decodeHex, encodeHex, InvariantViolation, sha256 } from "@mira/primitives";
import type { SignedAttestation } from "../domain/attest.ts";
import type { Journal } from "../ports.ts";

type Line =
  | { readonly verificationId: string; readonly attestations: readonly StoredAttestation[] }
  /** SHA-256 of the statement that was signed, in hexadecimal. */
  | { readonly verificationId: string; readonly statement: string };
type Entries = {
  readonly attestations: Map<string, readonly SignedAttestation[]>;
  readonly statements: Map<string, string>;
};
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

function createJournal(file: FileHandle, { attestations: entries, statements }: Entries): Journal {
  let writing: Promise<void> = Promise.resolve();
  // One after the other: lines written at once could end up inside each other.
  const write = (line: Line): Promise<void> => {
    writing = writing
      .catch(() => undefined)
      .then(async () => {
        // A newline first, too: it ends whatever a crash left of a line.
        await file.appendFile(`\n${JSON.stringify(line)}\n`);
        await file.datasync();
      });
    return writing;
  };
  return {
    find: (verificationId) => entries.get(verificationId),
    async record(verificationId, attestations) {
      if (entries.has(verificationId))
        throw new InvariantViolation(`verification ${verificationId} was signed before`);
      await write(toLine(verificationId, attestations));
      remember(entries, verificationId, attestations);
    },
    async claimStatement(verificationId, bytes) {
      const statement = encodeHex(sha256(bytes));
      const earlier = statements.get(verificationId);
      if (earlier !== undefined) return earlier === statement;
      await write({ verificationId, statement });
      remember(statements, verificationId, statement);
      return true;
    },
    close: () => file.close(),
  };
}

function remember<T>(all: Map<string, T>, verificationId: string, value: T): void {
  all.set(verificationId, value);
  const oldest = all.keys().next();
  if (all.size > KEPT_MAX && oldest.done !== true) all.delete(oldest.value);
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

function parseLines(text: string): Entries {
  const entries: Entries = { attestations: new Map(), statements: new Map() };
  // Two lines to a verification, and an empty one before each.
  for (const line of text.split("\n").slice(-4 * KEPT_MAX)) {
    const parsed = parseLine(line);
    if (parsed === undefined) continue;
    if ("statement" in parsed) entries.statements.set(parsed.verificationId, parsed.statement);
    else entries.attestations.set(parsed.verificationId, parsed.attestations.map(fromStored));
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
    (("attestations" in value && Array.isArray(value.attestations)) ||
      ("statement" in value && typeof value.statement === "string"))
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
