/** A network of the test's own: a log key, a log of entries, and receipts that the log contains. */
import { randomBytes } from "node:crypto";
import type { types } from "@mira/api";
import {
  computeInclusionPath,
  computeRoot,
  encodeCheckpoint,
  formatVerifierKey,
  hashLeaf,
  signNote,
} from "@mira/merkle";
import {
  createKeyPair,
  encodeAuditEntry,
  encodeBase58,
  encodeHex,
  encodeUtf8,
  parseLamports,
  parseSequenceNumber,
  parseUnixMs,
  type AuditEntryContent,
  type KeyPair,
} from "@mira/primitives";
import { encodeReceiptLeaf } from "@mira/runtime/wire";
import type { NetworkTrust } from "@mira/client";

export const NETWORK = "mira-test";
export const logKey = createKeyPair(new Uint8Array(32).fill(9));
export const trust: NetworkTrust = {
  networkId: NETWORK,
  logVerifierKey: formatVerifierKey(NETWORK, logKey.publicKey),
  certificateKey: encodeBase58(logKey.publicKey),
};
const AT = parseUnixMs(1_800_000_000_000);

export type LogOptions = {
  readonly key?: KeyPair;
  readonly origin?: string;
  readonly size?: number;
  readonly index?: number;
};

/** The proof of an entry in a log whose other entries are about other things. */
export function prove(
  content: Pick<AuditEntryContent, "kind" | "subject" | "fields"> & { readonly networkId?: string },
  { key = logKey, origin = NETWORK, size = 7, index = 4 }: LogOptions = {},
): types.EntryProof {
  const entry = encodeAuditEntry({ networkId: NETWORK, at: AT, ...content });
  const leaves = Array.from({ length: size }, (_, at) =>
    hashLeaf(at === index ? entry : encodeUtf8(`entry ${at}`)),
  );
  const text = encodeCheckpoint({ origin, size, root: computeRoot(leaves) });
  const inclusion = {
    index: BigInt(index),
    treeSize: BigInt(size),
    path: computeInclusionPath(leaves, index),
  };
  return { entry, inclusion, checkpoint: signNote(text, origin, key) };
}

const RECEIPTS = 5;
const FIRST_SEQUENCE = 40;

/** The proof of one receipt of a batch of five. */
export function proveReceipt(
  at: number,
  fields: Readonly<Record<string, string>> = {},
  options: LogOptions = {},
): types.ReceiptProof {
  const receipts = Array.from({ length: RECEIPTS }, (_, offset) =>
    encodeReceiptLeaf({
      sequence: parseSequenceNumber(FIRST_SEQUENCE + offset),
      messageHash: randomBytes(32),
      status: 0,
      error: "",
      fee: parseLamports(5_000n),
      computeUnits: 150,
      logs: ["Program log: hello"],
    }),
  );
  const leaves = receipts.map(hashLeaf);
  const settled = {
    batch: "3",
    "first sequence": String(FIRST_SEQUENCE),
    transactions: String(RECEIPTS),
    "receipts root": encodeHex(computeRoot(leaves)),
    ...fields,
  };
  return {
    receipt: receipts[at] ?? new Uint8Array(),
    receiptInclusion: {
      index: BigInt(at),
      treeSize: BigInt(RECEIPTS),
      path: computeInclusionPath(leaves, at),
    },
    batchEntry: prove(
      { kind: "batch.settled", subject: "batch/3", fields: Object.entries(settled) },
      options,
    ),
  };
}
