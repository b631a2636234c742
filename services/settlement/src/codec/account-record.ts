/** Accounts on their way between packed batches, memory, the projection's rows and the API. */
import type { AccountValue, WritesView } from "@mira/runtime/wire";
import type { AccountEntry, RecordSource } from "../domain/account-table.ts";

/** One account on its own, as the projection gives it. */
export type AccountRow = {
  readonly key: Uint8Array;
  readonly version: number;
  readonly value: AccountValue | undefined;
};

export function toEntry(row: AccountRow): AccountEntry<AccountValue> {
  const lamports: bigint = row.value?.lamports ?? 0n;
  return {
    bytes: row.key,
    offset: 0,
    version: row.version,
    low: Number(lamports & 0xffff_ffffn),
    high: Number(lamports >> 32n),
    source: holdValue(row.value),
    index: 0,
  };
}

/** A write of a settled batch, without copying it. */
export function toSettledEntry(writes: WritesView, index: number): AccountEntry<AccountValue> {
  const start = writes.start(index);
  const absent = writes.isDeleted(index);
  return {
    bytes: writes.bytes,
    offset: start,
    version: writes.version(index),
    low: absent ? 0 : writes.bytes.readUInt32LE(start + LAMPORTS_AT),
    high: absent ? 0 : writes.bytes.readUInt32LE(start + LAMPORTS_AT + 4),
    source: writes,
    index,
  };
}

/** Key, version and state come before the lamports in a packed write. */
const LAMPORTS_AT = 41;

export function holdValue(value: AccountValue | undefined): RecordSource<AccountValue> {
  return { value: () => value };
}

/** A copy that keeps nothing of the bytes it was read from. */
export function detachValue(value: AccountValue | undefined): RecordSource<AccountValue> {
  if (value === undefined) return holdValue(undefined);
  return holdValue({ ...value, owner: Uint8Array.from(value.owner), data: Uint8Array.from(value.data) });
}
