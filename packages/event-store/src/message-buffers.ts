/** Buffers of large messages, used again: each new one would be pages that the system has to clear, and work for the garbage collector. */

/** Smaller ones come cheap from Node's own pool. */
const SMALL_BYTES = 4 * 1024;
/** Larger ones are rare enough to be made anew. */
const LARGE_BYTES = 2 * 1024 * 1024;
/** Kept for later, together; more than the appends of a busy pool need at once. */
const KEPT_BYTES_MAX = 16 * 1024 * 1024;

export type MessageBuffers = {
  /** Exactly `size` bytes. */
  readonly take: (size: number) => Buffer;
  /** MUST NOT be in use any longer. A buffer that is never given back is left to the garbage collector. */
  readonly giveBack: (buffer: Buffer) => void;
};

export function createMessageBuffers(): MessageBuffers {
  /** By size, a power of two. */
  const free = new Map<number, ArrayBufferLike[]>();
  let kept = 0;
  return {
    take(size) {
      if (size < SMALL_BYTES || size > LARGE_BYTES) return Buffer.allocUnsafe(size);
      const room = 2 ** Math.ceil(Math.log2(size));
      const found = free.get(room)?.pop();
      if (found !== undefined) kept -= room;
      return Buffer.from(found ?? new ArrayBuffer(room), 0, size);
    },
    giveBack({ buffer, length }) {
      const room = buffer.byteLength;
      if (length < SMALL_BYTES || length > LARGE_BYTES || kept + room > KEPT_BYTES_MAX) return;
      kept += room;
      const same = free.get(room);
      if (same === undefined) free.set(room, [buffer]);
      else same.push(buffer);
    },
  };
}
