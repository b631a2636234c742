/** Many transactions in one buffer, verified in one go: what crosses to a worker thread and back. */
import { decodeTransaction, TRANSACTION_BYTES_MAX } from "../wire/index.ts";
import { ByteReader } from "../wire/byte-reader.ts";
import { ByteWriter } from "../wire/byte-writer.ts";
import { verifyTransactionSignatures, writeMessageHash } from "./verify.ts";

const HASH_BYTES = 32;
/** Length of the wire bytes, and whether a session key stands before them. */
const PREFIX_BYTES = 3;

export type SignedTransaction = {
  readonly wire: Uint8Array;
  /** 32 bytes; stands in for the fee payer's key. */
  readonly sessionKey?: Uint8Array | undefined;
};

export type Verdicts = {
  /** 1 where the bytes are a transaction and every signature of it verifies, else 0. */
  readonly valid: Uint8Array;
  /** Message hashes, 32 bytes each; zero where the bytes are no transaction. */
  readonly hashes: Uint8Array;
};

/** The bytes own their memory, so that it can be handed to another thread. */
export function packSignedTransactions(transactions: readonly SignedTransaction[]): Uint8Array {
  const bytes = transactions.reduce((sum, { wire }) => sum + PREFIX_BYTES + HASH_BYTES + wire.length, 4);
  const writer = new ByteWriter(bytes);
  writer.u32(transactions.length);
  for (const { wire, sessionKey } of transactions) {
    // Longer bytes are refused by the decoder whatever they are: one byte too many says so.
    const length = Math.min(wire.length, TRANSACTION_BYTES_MAX + 1);
    writer.u16(length);
    writer.u8(sessionKey === undefined ? 0 : 1);
    if (sessionKey !== undefined) writer.fixed32(sessionKey);
    writer.range(wire, 0, length);
  }
  return writer.finish();
}

export function verifyMany(packed: Uint8Array): Verdicts {
  const reader = new ByteReader(packed, "packed transactions");
  const count = reader.count("transactions", PREFIX_BYTES);
  const valid = new Uint8Array(count);
  const hashes = Buffer.alloc(count * HASH_BYTES);
  for (let index = 0; index < count; index++) {
    const length = reader.u16("length");
    const sessionKey = reader.u8("session") === 0 ? undefined : reader.fixed32("session key");
    const start = reader.take(length, "transaction");
    const decoded = decodeTransaction(reader.buffer, start, start + length);
    if (!decoded.ok) continue;
    const hash = hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
    writeMessageHash(hash, reader.buffer, decoded.value);
    valid[index] = verifyTransactionSignatures(reader.buffer, decoded.value, sessionKey) ? 1 : 0;
  }
  reader.finish();
  return { valid, hashes };
}
