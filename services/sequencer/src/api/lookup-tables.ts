/** Address lookup tables as of what is settled. Their contents decide locks, so a table that is being changed decides nothing. */
import {
  bytesEqual,
  encodeBase58,
  decodeKey,
  refuse,
  succeed,
  type Refusal,
  type Result,
} from "@mira/primitives";
import { accountKeyBytes, type DecodedTransaction, type LoadedAddresses } from "@mira/runtime/wire";
import type { SettledAccount } from "../ports.ts";
import type { AccountReader } from "./account-reader.ts";

const TABLE_PROGRAM = decodeKey("AddressLookupTab1e1111111111111111111111111") ?? new Uint8Array(32);
/** Type, deactivation slot, last extended slot, start index, authority, padding. */
const META_BYTES = 56;
const TABLE_TYPE = 1;
const DEACTIVATION_OFFSET = 4;
const EXTENDED_SLOT_OFFSET = 12;
const START_INDEX_OFFSET = 20;
const ACTIVE = 2n ** 64n - 1n;
const KEY_BYTES = 32;
const TABLES_MAX = 4_096;
const READS_MAX = 3;
const RETRY_AFTER_MS = 100;

/** Contents of a table; a new object whenever they were read anew. */
export type LookupTable = { readonly account: SettledAccount };

export class LookupTables {
  readonly #reader: AccountReader;
  readonly #settledBatches: () => number;
  readonly #tables = new Map<string, LookupTable>();

  constructor(reader: AccountReader, settledBatches: () => number) {
    this.#reader = reader;
    this.#settledBatches = settledBatches;
  }

  get size(): number {
    return this.#tables.size;
  }

  /** The table was written by a batch that is settled now. */
  forget(key: string): void {
    this.#tables.delete(key);
  }

  /** Whether this is still what the table holds, as far as is settled. */
  isCurrent(key: string, table: LookupTable): boolean {
    return this.#tables.get(key) === table;
  }

  async load(key: string): Promise<Result<LookupTable, "LOOKUP_TABLE_UNSETTLED">> {
    for (let read = 0; read < READS_MAX; read++) {
      const known = this.#tables.get(key);
      if (known !== undefined) return succeed(known);
      const { account, settledBatches } = await this.#reader.read(key);
      // While it was read a batch may have been settled that changed it.
      if (settledBatches < this.#settledBatches()) continue;
      if (this.#tables.size >= TABLES_MAX) this.#tables.clear();
      this.#tables.set(key, { account });
    }
    return refuseUnsettled(key);
  }
}

export function refuseUnsettled(key: string): Refusal<"LOOKUP_TABLE_UNSETTLED"> {
  return refuse("LOOKUP_TABLE_UNSETTLED", "The lookup table changes while it is read.", {
    table: encodeBase58(accountKeyBytes(key)),
    retryAfterMs: RETRY_AFTER_MS,
  });
}

/** The accounts that the message's lookups name, in its order. `tables` are in the order of its lookups. */
export function resolveLookups(
  decoded: DecodedTransaction,
  wire: Uint8Array,
  tables: readonly LookupTable[],
  slot: number,
): Result<LoadedAddresses, "LOOKUP_TABLE_NOT_FOUND"> {
  const writable: Uint8Array[] = [];
  const readonly: Uint8Array[] = [];
  for (const [at, lookup] of decoded.lookups.entries()) {
    const tableKey = wire.subarray(lookup.tableKeyOffset, lookup.tableKeyOffset + KEY_BYTES);
    const addresses = readAddresses(tables[at]?.account, slot);
    if (addresses === undefined) return refuseNotFound(tableKey, "no active table");
    const { writableOffset, writableCount, readonlyOffset, readonlyCount } = lookup;
    for (const [target, offset, count] of [
      [writable, writableOffset, writableCount],
      [readonly, readonlyOffset, readonlyCount],
    ] as const)
      for (const index of wire.subarray(offset, offset + count)) {
        const start = index * KEY_BYTES;
        if (start + KEY_BYTES > addresses.length)
          return refuseNotFound(tableKey, `index ${index} of ${addresses.length / KEY_BYTES}`);
        target.push(addresses.subarray(start, start + KEY_BYTES));
      }
  }
  return succeed({ writable, readonly });
}

/** Addresses that the SVM would see in `slot`: those added in the slot itself become usable in the next. */
function readAddresses(account: SettledAccount | undefined, slot: number): Uint8Array | undefined {
  if (account?.exists !== true || !bytesEqual(account.owner, TABLE_PROGRAM)) return undefined;
  const { data } = account;
  if (data.length < META_BYTES) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint32(0, true) !== TABLE_TYPE) return undefined;
  if (view.getBigUint64(DEACTIVATION_OFFSET, true) !== ACTIVE) return undefined;
  const isExtendedNow = view.getBigUint64(EXTENDED_SLOT_OFFSET, true) >= BigInt(slot);
  const count = Math.floor((data.length - META_BYTES) / KEY_BYTES);
  const usable = isExtendedNow ? Math.min(count, view.getUint8(START_INDEX_OFFSET)) : count;
  return data.subarray(META_BYTES, META_BYTES + usable * KEY_BYTES);
}

function refuseNotFound(table: Uint8Array, found: string): Refusal<"LOOKUP_TABLE_NOT_FOUND"> {
  return refuse("LOOKUP_TABLE_NOT_FOUND", "A lookup table does not exist or lacks the index.", {
    table: encodeBase58(table),
    found,
  });
}
