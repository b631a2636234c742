/** Randomness that a printed seed repeats. */

export type SeededRandom = {
  readonly seed: number;
  /** In [0, 1). */
  next(): number;
  /** In [min, max], both included. */
  integer(min: number, max: number): number;
  pick<T>(items: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
  bytes(length: number): Uint8Array;
};

/** mulberry32: 32 bits of state, passes the usual tests of distribution, not for anything secret. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    seed,
    next,
    integer,
    pick: (items) => pickAt(items, integer(0, items.length - 1)),
    shuffle: (items) => shuffle(items, integer),
    bytes: (length) => Uint8Array.from({ length }, () => integer(0, 255)),
  };
}

function pickAt<T>(items: readonly T[], index: number): T {
  if (index < 0 || index >= items.length) throw new RangeError("nothing to pick from");
  return items[index] as T;
}

/** Fisher and Yates. */
function shuffle<T>(items: readonly T[], integer: (min: number, max: number) => number): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = integer(0, last);
    [shuffled[last], shuffled[other]] = [pickAt(shuffled, other), pickAt(shuffled, last)];
  }
  return shuffled;
}
