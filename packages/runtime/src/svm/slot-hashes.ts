/**
 * The SlotHashes sysvar, from the slot alone: programs that demand a recent slot (lookup tables) find the last 512, and every
 * executor shows the same. The hashes are no source of chance: anyone can compute them.
 */
import { sha256 } from "@mira/primitives";

const ENTRIES = 512;
const ENTRY_BYTES = 40;
const DOMAIN = Buffer.from("mira:slot-hash:v1");
const hashes = new Map<number, Uint8Array>();

/** Bincode of `Vec<(Slot, Hash)>`, newest first, padded to the sysvar's fixed size. */
export function computeSlotHashes(slot: number): Uint8Array {
  const data = Buffer.alloc(8 + ENTRIES * ENTRY_BYTES);
  const count = Math.min(slot, ENTRIES);
  data.writeBigUInt64LE(BigInt(count), 0);
  for (let index = 0; index < count; index++) {
    const past = slot - 1 - index;
    data.writeBigUInt64LE(BigInt(past), 8 + index * ENTRY_BYTES);
    data.set(hashSlot(past), 16 + index * ENTRY_BYTES);
  }
  return data;
}

function hashSlot(slot: number): Uint8Array {
  const known = hashes.get(slot);
  if (known !== undefined) return known;
  if (hashes.size >= 4 * ENTRIES) hashes.clear();
  const encoded = Buffer.alloc(8);
  encoded.writeBigUInt64BE(BigInt(slot));
  const hash = sha256(DOMAIN, encoded);
  hashes.set(slot, hash);
  return hash;
}
