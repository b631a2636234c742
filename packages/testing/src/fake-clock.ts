/** A clock that stands still until the test moves it. */
import { parseUnixMs } from "@mira/primitives";
import type { UnixMs } from "@mira/primitives";

const START_MS = 1_750_000_000_000;

export class FakeClock {
  #now: number;

  constructor(startMs: number = START_MS) {
    this.#now = startMs;
  }

  now(): UnixMs {
    return parseUnixMs(this.#now);
  }

  advance(durationMs: number): UnixMs {
    this.#now += durationMs;
    return this.now();
  }

  set(atMs: number): void {
    this.#now = atMs;
  }
}
