/** Reads the accounts out of LiteSVM's own snapshot format, version 4: an internal format, so anything unexpected throws. */
import { InvariantViolation, type Lamports } from "@mira/primitives";
import type { AccountValue } from "../wire/index.ts";

const SNAPSHOT_VERSION = 4;
const HEADER_BYTES = 9;

/** The accounts stand in the order of a hash map: look them up, never iterate into anything that is hashed. */
export function readSnapshot(bytes: Uint8Array): Map<string, AccountValue> {
  const snapshot = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (snapshot[0] !== SNAPSHOT_VERSION)
    throw new InvariantViolation(
      `LiteSVM snapshot: needed version ${SNAPSHOT_VERSION}, got ${String(snapshot[0])}`,
    );
  const accounts = new Map<string, AccountValue>();
  let left = snapshot.readBigUInt64LE(1);
  for (let at = HEADER_BYTES; left > 0n; left--) {
    const key = snapshot.toString("latin1", at, at + 32);
    const dataAt = at + 48;
    const dataEnd = dataAt + Number(snapshot.readBigUInt64LE(at + 40));
    accounts.set(key, {
      lamports: snapshot.readBigUInt64LE(at + 32) as Lamports,
      data: snapshot.subarray(dataAt, dataEnd),
      owner: snapshot.subarray(dataEnd, dataEnd + 32),
      executable: snapshot[dataEnd + 32] === 1,
      rentEpoch: snapshot.readBigUInt64LE(dataEnd + 33),
    });
    at = dataEnd + 41;
  }
  return accounts;
}
