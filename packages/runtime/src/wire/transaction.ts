/**
 * The strict decoder: exactly one canonical legacy or v0 Solana transaction, as offsets into its bytes. What passes is safe
 * for the SVM, whose own decoder aborts the process on malformed bytes and accepts trailing ones.
 */
import { refuse, succeed, type Result } from "@mira/primitives";
import { keysEqual, KEY_BYTES } from "./key.ts";
import { TransactionCursor } from "./transaction-cursor.ts";

/** IPv6 minimum MTU less headers: the packet that every Solana tool keeps to. */
export const TRANSACTION_BYTES_MAX = 1232;
/** Agave's limit on accounts of one transaction, loaded ones included. */
export const LOCKS_MAX = 64;
const SIGNATURE_BYTES = 64;

export type InstructionRange = {
  readonly programIdIndex: number;
  readonly accountsOffset: number;
  readonly accountsLength: number;
  readonly dataOffset: number;
  readonly dataLength: number;
};

export type LookupRange = {
  readonly tableKeyOffset: number;
  readonly writableOffset: number;
  readonly writableCount: number;
  readonly readonlyOffset: number;
  readonly readonlyCount: number;
};

/** Every offset counts from the start of the bytes that were handed to decodeTransaction. */
export type DecodedTransaction = {
  readonly version: "legacy" | 0;
  readonly signatureCount: number;
  readonly signaturesOffset: number;
  readonly messageOffset: number;
  /** First byte after the transaction. */
  readonly end: number;
  readonly numRequiredSignatures: number;
  readonly numReadonlySigned: number;
  readonly numReadonlyUnsigned: number;
  /** Static account keys. */
  readonly accountKeyCount: number;
  readonly keysOffset: number;
  readonly blockhashOffset: number;
  readonly instructions: readonly InstructionRange[];
  readonly lookups: readonly LookupRange[];
  readonly loadedWritableCount: number;
  readonly loadedReadonlyCount: number;
};

export type TransactionRefusalCode =
  | "TRANSACTION_MALFORMED"
  | "TRANSACTION_TOO_LARGE"
  | "TRANSACTION_VERSION_UNSUPPORTED"
  | "TOO_MANY_LOCKS"
  | "ACCOUNT_LOADED_TWICE";

/** The transaction fills bytes[start, end) exactly, or is refused. Never throws. */
export function decodeTransaction(
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
): Result<DecodedTransaction, TransactionRefusalCode> {
  if (end - start > TRANSACTION_BYTES_MAX)
    return refuse("TRANSACTION_TOO_LARGE", "A transaction must fit a packet.", {
      needed: `at most ${TRANSACTION_BYTES_MAX} bytes`,
      found: `${end - start} bytes`,
    });
  if (start < 0 || end > bytes.length || end <= start)
    return malformed("needed at least one byte within the bytes");
  const cursor = new TransactionCursor(bytes, start, end);
  const version = peekVersion(cursor);
  if (version !== "legacy" && version !== 0)
    return refuse("TRANSACTION_VERSION_UNSUPPORTED", "Only legacy and v0 transactions are accepted.", {
      needed: "legacy or 0",
      found: version,
    });
  const decoded = readTransaction(cursor, version);
  if (cursor.problem === "" && cursor.at !== end)
    cursor.fail(`${end - cursor.at} bytes follow the transaction`);
  if (cursor.problem !== "") return malformed(cursor.problem);
  return checkAccounts(decoded, bytes);
}

function malformed(problem: string): Result<never, "TRANSACTION_MALFORMED"> {
  return refuse("TRANSACTION_MALFORMED", "The bytes are not one canonical transaction.", { problem });
}

/** A message whose first byte has the high bit is versioned; SIMD-0385 moves that byte before the signatures. */
function peekVersion(cursor: TransactionCursor): "legacy" | number {
  const { bytes, at, end } = cursor;
  const first = bytes[at] ?? 0;
  if (first === 0x81 && (bytes[at + 1] ?? 0) !== 0) return 1;
  const prefixAt = at + 1 + first * SIGNATURE_BYTES;
  const prefix = first < 0x80 && prefixAt < end ? (bytes[prefixAt] ?? 0) : 0;
  return prefix < 0x80 ? "legacy" : prefix & 0x7f;
}

function readTransaction(cursor: TransactionCursor, version: "legacy" | 0): DecodedTransaction {
  const signatureCount = cursor.count("signatures");
  const signaturesOffset = cursor.range(signatureCount * SIGNATURE_BYTES, "signatures");
  const messageOffset = cursor.at;
  if (version === 0) cursor.u8("version");
  const numRequiredSignatures = cursor.u8("header");
  const numReadonlySigned = cursor.u8("header");
  const numReadonlyUnsigned = cursor.u8("header");
  const accountKeyCount = cursor.count("account keys");
  const keysOffset = cursor.range(accountKeyCount * KEY_BYTES, "account keys");
  const blockhashOffset = cursor.range(KEY_BYTES, "blockhash");
  if (numRequiredSignatures !== signatureCount)
    cursor.fail(`header: needs ${numRequiredSignatures} signatures, ${signatureCount} are there`);
  if (numReadonlySigned >= numRequiredSignatures) cursor.fail("header: the fee payer must be writable");
  if (numRequiredSignatures + numReadonlyUnsigned > accountKeyCount)
    cursor.fail(
      `header: counts ${numRequiredSignatures + numReadonlyUnsigned} accounts of ${accountKeyCount}`,
    );
  const instructions: InstructionRange[] = [];
  const highestAccount = readInstructions(cursor, accountKeyCount, instructions);
  const lookups: LookupRange[] = [];
  const loadedWritableCount = version === 0 ? readLookups(cursor, lookups) : 0;
  const loadedReadonlyCount = lookups.reduce((sum, lookup) => sum + lookup.readonlyCount, 0);
  const accountCount = accountKeyCount + loadedWritableCount + loadedReadonlyCount;
  if (highestAccount >= accountCount)
    cursor.fail(`instruction: names account ${highestAccount} of ${accountCount}`);
  return {
    version,
    signatureCount,
    signaturesOffset,
    messageOffset,
    end: cursor.end,
    numRequiredSignatures,
    numReadonlySigned,
    numReadonlyUnsigned,
    accountKeyCount,
    keysOffset,
    blockhashOffset,
    instructions,
    lookups,
    loadedWritableCount,
    loadedReadonlyCount,
  };
}

/** Answers the highest account index named, -1 for none. */
function readInstructions(
  cursor: TransactionCursor,
  accountKeyCount: number,
  instructions: InstructionRange[],
): number {
  const count = cursor.count("instructions");
  let highest = -1;
  for (let index = 0; index < count && cursor.problem === ""; index++) {
    const programIdIndex = cursor.u8("program index");
    if (programIdIndex === 0 || programIdIndex >= accountKeyCount)
      cursor.fail(`program index: needed 1 to ${accountKeyCount - 1}, got ${programIdIndex}`);
    const accountsLength = cursor.count("instruction accounts");
    const accountsOffset = cursor.range(accountsLength, "instruction accounts");
    for (let at = accountsOffset; at < accountsOffset + accountsLength; at++) {
      const account = cursor.bytes[at] ?? 0;
      if (account > highest) highest = account;
    }
    const dataLength = cursor.count("instruction data");
    const dataOffset = cursor.range(dataLength, "instruction data");
    instructions.push({ programIdIndex, accountsOffset, accountsLength, dataOffset, dataLength });
  }
  return highest;
}

/** Answers how many writable accounts the lookups load. */
function readLookups(cursor: TransactionCursor, lookups: LookupRange[]): number {
  const count = cursor.count("lookups");
  let writable = 0;
  for (let index = 0; index < count && cursor.problem === ""; index++) {
    const tableKeyOffset = cursor.range(KEY_BYTES, "lookup table");
    const writableCount = cursor.count("lookup writable indexes");
    const writableOffset = cursor.range(writableCount, "lookup writable indexes");
    const readonlyCount = cursor.count("lookup readonly indexes");
    const readonlyOffset = cursor.range(readonlyCount, "lookup readonly indexes");
    if (writableCount + readonlyCount === 0) cursor.fail("lookup: a table must be asked for an account");
    lookups.push({ tableKeyOffset, writableOffset, writableCount, readonlyOffset, readonlyCount });
    writable += writableCount;
  }
  return writable;
}

function checkAccounts(
  decoded: DecodedTransaction,
  bytes: Uint8Array,
): Result<DecodedTransaction, TransactionRefusalCode> {
  const accounts = decoded.accountKeyCount + decoded.loadedWritableCount + decoded.loadedReadonlyCount;
  if (accounts > LOCKS_MAX)
    return refuse("TOO_MANY_LOCKS", "The transaction locks more accounts than allowed.", {
      needed: `at most ${LOCKS_MAX}`,
      found: accounts,
    });
  const repeated = findRepeatedKey(bytes, decoded.keysOffset, decoded.accountKeyCount);
  if (repeated !== -1)
    return refuse("ACCOUNT_LOADED_TWICE", "An account occurs twice among the transaction's accounts.", {
      index: repeated,
    });
  return succeed(decoded);
}

/** At most 36 keys fit a transaction, and nearly every comparison ends at the first byte: no set, no allocation. */
function findRepeatedKey(bytes: Uint8Array, keysOffset: number, count: number): number {
  const end = keysOffset + count * KEY_BYTES;
  for (let right = keysOffset + KEY_BYTES; right < end; right += KEY_BYTES) {
    const first = bytes[right];
    for (let left = keysOffset; left < right; left += KEY_BYTES)
      if (bytes[left] === first && keysEqual(bytes, left, bytes, right))
        return (right - keysOffset) / KEY_BYTES;
  }
  return -1;
}
