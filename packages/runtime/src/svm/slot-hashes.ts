/**
 * The SlotHashes sysvar, from the slot alone: programs that demand a recent slot (lookup tables) find the last 512, and every
 * executor shows the same. The hashes are no source of chance: anyone can compute them.
 */
import { sha256 } from "@mira/primitives";

const ENTRIES = 512;
const ENTRY_BYTES = 40;
const DOMAIN = Buffer.from("mira:slot-hash:v1");

let latest: { readonly slot: number; readonly data: Buffer } | undefined;

/** Bincode of `Vec<(Slot, Hash)>`, newest first, padded to the sysvar's fixed size. The next slot's is the last one's, shifted by one. */
export function computeSlotHashes(slot: number): Uint8Array {
  const data = Buffer.alloc(8 + ENTRIES * ENTRY_BYTES);
  data.writeBigUInt64LE(BigInt(Math.min(slot, ENTRIES)), 0);
  const isNext = latest !== undefined && latest.slot + 1 === slot;
  if (isNext) latest?.data.copy(data, 8 + ENTRY_BYTES, 8, 8 + (ENTRIES - 1) * ENTRY_BYTES);
  const count = isNext ? 1 : Math.min(slot, ENTRIES);
  for (let index = 0; index < count; index++) writeEntry(data, 8 + index * ENTRY_BYTES, slot - 1 - index);
  latest = { slot, data };
  return data;
}

function writeEntry(data: Buffer, at: number, slot: number): void {
  data.writeBigUInt64LE(BigInt(slot), at);
  data.set(hashSlot(slot), at + 8);
}

function hashSlot(slot: number): Uint8Array {
  const encoded = Buffer.alloc(8);
  encoded.writeBigUInt64BE(BigInt(slot));
  return sha256(DOMAIN, encoded);
}
