/** What the audit log says of each thing that happens, and under which subject it is found. */
import {
  encodeAuditEntry,
  encodeHex,
  invariant,
  AUDIT_ENTRY_BYTES_MAX,
  type AuditEntryContent,
  type Refusal,
  type UnixMs,
} from "@mira/primitives";

export type AuditEntry = { readonly kind: string; readonly subject: string; readonly entry: Uint8Array };

export type SettledFacts = {
  readonly batchNumber: number;
  readonly firstSequence: number;
  readonly transactions: number;
  readonly batchHash: Uint8Array;
  readonly runtimeId: Uint8Array;
  readonly resultHash: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  readonly writesRoot: Uint8Array;
  readonly feesLamports: bigint;
  readonly settledAt: UnixMs;
};

export function describeSettled(networkId: string, batch: SettledFacts): AuditEntry {
  return build({
    networkId,
    kind: "batch.settled",
    subject: settledSubject(batch.batchNumber),
    at: batch.settledAt,
    fields: [
      ["batch", String(batch.batchNumber)],
      ["first sequence", String(batch.firstSequence)],
      ["transactions", String(batch.transactions)],
      ["batch hash", encodeHex(batch.batchHash)],
      ["runtime id", encodeHex(batch.runtimeId)],
      ["result hash", encodeHex(batch.resultHash)],
      ["receipts root", encodeHex(batch.receiptsRoot)],
      ["writes root", encodeHex(batch.writesRoot)],
      ["fees lamports", String(batch.feesLamports)],
    ],
  });
}

export function settledSubject(batchNumber: number): string {
  return `batch/${batchNumber}`;
}

export function describeFinalized(
  networkId: string,
  finalized: {
    readonly batchNumber: number;
    readonly resultHash: Uint8Array;
    readonly reexecutorId: string;
    readonly at: UnixMs;
  },
): AuditEntry {
  return build({
    networkId,
    kind: "batch.finalized",
    subject: `batch/${finalized.batchNumber}/finality`,
    at: finalized.at,
    fields: [
      ["batch", String(finalized.batchNumber)],
      ["result hash", encodeHex(finalized.resultHash)],
      ["reexecutor", finalized.reexecutorId],
    ],
  });
}

export function describeHeld(
  networkId: string,
  held: {
    readonly batchNumber: number;
    readonly reason: string;
    readonly executorId: string;
    readonly at: UnixMs;
  },
): AuditEntry {
  return build({
    networkId,
    kind: "batch.held",
    subject: `batch/${held.batchNumber}/finality`,
    at: held.at,
    fields: [
      ["batch", String(held.batchNumber)],
      ["by", held.executorId],
      ["reason", cut(held.reason)],
    ],
  });
}

export function describeRefused(
  networkId: string,
  refused: {
    readonly batchNumber: number;
    readonly partition: number;
    readonly executorId: string;
    readonly refusal: Refusal;
    readonly resultHash: Uint8Array;
    readonly setAside: boolean;
    readonly at: UnixMs;
  },
): AuditEntry {
  return build({
    networkId,
    kind: "result.refused",
    subject: `batch/${refused.batchNumber}/partition/${refused.partition}`,
    at: refused.at,
    fields: [
      ["executor", refused.executorId],
      ["code", refused.refusal.code],
      ["message", cut(refused.refusal.message)],
      ["result hash", encodeHex(refused.resultHash)],
      ["executor set aside", refused.setAside ? "yes" : "no"],
    ],
  });
}

export function describeGenesis(
  networkId: string,
  genesis: {
    readonly hash: Uint8Array;
    readonly lamports: bigint;
    readonly accounts: number;
    /** Over all accounts, in order of keys. */
    readonly root: Uint8Array;
    readonly at: UnixMs;
  },
): AuditEntry {
  return build({
    networkId,
    kind: "network.genesis",
    subject: "genesis",
    at: genesis.at,
    fields: [
      ["genesis hash", encodeHex(genesis.hash)],
      ["runtime lamports", String(genesis.lamports)],
      ["accounts", String(genesis.accounts)],
      ["accounts root", encodeHex(genesis.root)],
    ],
  });
}

/** An event of another service: where it stands there, and the digest of its bytes. */
export function describeHeard(
  networkId: string,
  heard: {
    readonly kind: string;
    readonly subject: string;
    readonly at: UnixMs;
    readonly eventId: string;
    readonly stream: string;
    readonly version: string;
    readonly digest: Uint8Array;
    readonly fields: AuditEntryContent["fields"];
  },
): AuditEntry {
  return build({
    networkId,
    kind: heard.kind,
    subject: heard.subject,
    at: heard.at,
    fields: [
      ["event id", heard.eventId],
      ["stream", heard.stream],
      ["version", heard.version],
      ["event sha256", encodeHex(heard.digest)],
      ...heard.fields,
    ],
  });
}

function build(content: AuditEntryContent): AuditEntry {
  const entry = encodeAuditEntry(content);
  invariant(entry.length <= AUDIT_ENTRY_BYTES_MAX, () => `audit entry of ${entry.length} bytes`);
  return { kind: content.kind, subject: content.subject, entry };
}

const TEXT_MAX = 1024;
function cut(text: string): string {
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}...`;
}
