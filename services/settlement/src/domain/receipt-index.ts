/**
 * Finds a transaction by its id. Per batch, the first 8 bytes of every transaction id are kept sorted beside their place:
 * 12 bytes a transaction. A match names a candidate; the caller compares the whole id.
 */
import { invariant } from "@mira/primitives";

const PREFIX_BYTES = 8;
const ENTRY_BYTES = PREFIX_BYTES + 4;

/** `ids`: the 64-byte ids of the batch's transactions, in order, each at its offset. Big-endian prefix, then u32 place. */
export function packReceiptIndex(ids: {
  readonly bytes: Uint8Array;
  readonly offsets: ArrayLike<number>;
}): Uint8Array {
  const view = new DataView(ids.bytes.buffer, ids.bytes.byteOffset, ids.bytes.byteLength);
  const count = ids.offsets.length;
  const prefixes = new Float64Array(count);
  const order = new Uint32Array(count);
  for (let place = 0; place < count; place++) {
    prefixes[place] = view.getUint32(ids.offsets[place] ?? 0);
    order[place] = place;
  }
  order.sort((left, right) => (prefixes[left] ?? 0) - (prefixes[right] ?? 0));
  return writeEntries(view, ids.offsets, order);
}

/** Sorted by the first 4 bytes only: that is enough to search, and runs of equal ones are short. */
function writeEntries(view: DataView, offsets: ArrayLike<number>, order: Uint32Array): Uint8Array {
  const packed = new Uint8Array(order.length * ENTRY_BYTES);
  const out = new DataView(packed.buffer);
  for (let at = 0; at < order.length; at++) {
    const place = order[at] ?? 0;
    const from = offsets[place] ?? 0;
    out.setUint32(at * ENTRY_BYTES, view.getUint32(from));
    out.setUint32(at * ENTRY_BYTES + 4, view.getUint32(from + 4));
    out.setUint32(at * ENTRY_BYTES + PREFIX_BYTES, place);
  }
  return packed;
}

/** Places in the batch whose transaction id begins like this one. Empty for almost every batch that lacks it. */
export function findInReceiptIndex(packed: Uint8Array, id: Uint8Array): number[] {
  invariant(packed.length % ENTRY_BYTES === 0, () => `receipt index of ${packed.length} bytes`);
  if (id.length < PREFIX_BYTES) return [];
  const index = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const wanted = new DataView(id.buffer, id.byteOffset, id.byteLength);
  const [high, low] = [wanted.getUint32(0), wanted.getUint32(4)];
  const places: number[] = [];
  for (let at = findFirst(index, high); at * ENTRY_BYTES < packed.length; at++) {
    if (index.getUint32(at * ENTRY_BYTES) !== high) break;
    if (index.getUint32(at * ENTRY_BYTES + 4) === low)
      places.push(index.getUint32(at * ENTRY_BYTES + PREFIX_BYTES));
  }
  return places;
}

function findFirst(index: DataView, high: number): number {
  let [from, to] = [0, index.byteLength / ENTRY_BYTES];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (index.getUint32(middle * ENTRY_BYTES) < high) from = middle + 1;
    else to = middle;
  }
  return from;
}
