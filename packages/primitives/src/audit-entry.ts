/** The canonical bytes of an entry of the audit log: what is hashed into its leaf, and what a reader of a proof gets to see. */
import { bytesEqual } from "./bytes.ts";
import { CanonicalError, CanonicalReader, CanonicalWriter } from "./canonical.ts";
import { parseUnixMs, type UnixMs } from "./quantities.ts";
import { refuse, succeed, type Result } from "./refusal.ts";

export const AUDIT_ENTRY_DOMAIN = "mira:audit:v1";
/** C2SP tlog-tiles carry an entry's length in 16 bits. */
export const AUDIT_ENTRY_BYTES_MAX = 65_535;
const FIELDS_MAX = 256;

export type AuditEntryContent = {
  readonly networkId: string;
  /** What happened, e.g. `batch.settled`, `session.granted`. */
  readonly kind: string;
  /** What it is about, e.g. `batch/7` or a certificate id; entries are found by it. */
  readonly subject: string;
  readonly at: UnixMs;
  /** Names and values in plain text: hashes in hexadecimal, keys in base58, amounts in decimal. */
  readonly fields: ReadonlyArray<readonly [name: string, value: string]>;
};

export function encodeAuditEntry(entry: AuditEntryContent): Uint8Array {
  const writer = new CanonicalWriter()
    .text(AUDIT_ENTRY_DOMAIN)
    .text(entry.networkId)
    .text(entry.kind)
    .text(entry.subject)
    .u64(entry.at)
    .u32(entry.fields.length);
  for (const [name, value] of entry.fields) writer.text(name).text(value);
  return writer.finish();
}

export function decodeAuditEntry(bytes: Uint8Array): Result<AuditEntryContent, "PROOF_INVALID"> {
  try {
    const entry = readEntry(new CanonicalReader(bytes));
    if (!bytesEqual(encodeAuditEntry(entry), bytes)) throw new CanonicalError("the bytes are not canonical");
    return succeed(entry);
  } catch (error) {
    if (error instanceof CanonicalError || error instanceof TypeError || error instanceof RangeError)
      return refuse("PROOF_INVALID", `not an audit entry: ${error.message}`);
    throw error;
  }
}

function readEntry(reader: CanonicalReader): AuditEntryContent {
  if (reader.text() !== AUDIT_ENTRY_DOMAIN) throw new CanonicalError(`domain: needed ${AUDIT_ENTRY_DOMAIN}`);
  const networkId = reader.text();
  const kind = reader.text();
  const subject = reader.text();
  const at = parseUnixMs(reader.u64());
  const count = reader.u32();
  if (count > FIELDS_MAX) throw new CanonicalError(`fields: at most ${FIELDS_MAX}, got ${count}`);
  const fields = Array.from({ length: count }, () => [reader.text(), reader.text()] as const);
  reader.end();
  return { networkId, kind, subject, at, fields };
}

/** The value of a field; undefined when it is not there. */
export function findAuditField(entry: AuditEntryContent, name: string): string | undefined {
  return entry.fields.find(([field]) => field === name)?.[1];
}
