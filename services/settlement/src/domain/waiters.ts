/** Those who wait for a number to be reached: a heap by number, bounded, without a timer for each. */
import { refuse, succeed, type Result } from "@mira/primitives";

type Waiter = { readonly number: number; done: boolean; readonly resolve: (reached: boolean) => void };

export class Waiters {
  readonly #max: number;
  readonly #heap: Waiter[] = [];
  #reached = 0;
  #waiting = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get reached(): number {
    return this.#reached;
  }

  /** Resolves with true when `number` is reached, with false when the signal aborts before. Refused when too many wait. */
  wait(number: number, signal: AbortSignal): Result<Promise<boolean>, "OVERLOADED"> {
    if (number <= this.#reached) return succeed(Promise.resolve(true));
    if (signal.aborted) return succeed(Promise.resolve(false));
    if (this.#waiting >= this.#max)
      return refuse("OVERLOADED", "too many calls wait already", { max: this.#max, retryAfterMs: 1000 });
    return succeed(this.#add(number, signal));
  }

  /** Everything up to and including `number` is reached. Never goes back. */
  advance(number: number): void {
    if (number <= this.#reached) return;
    this.#reached = number;
    for (let top = this.#heap[0]; top !== undefined && top.number <= number; top = this.#heap[0]) {
      this.#pop();
      if (!top.done) this.#end(top, true);
    }
  }

  #add(number: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const onAbort = (): void => {
        if (!waiter.done) this.#end(waiter, false);
      };
      const waiter: Waiter = {
        number,
        done: false,
        resolve: (reached) => {
          signal.removeEventListener("abort", onAbort);
          resolve(reached);
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting++;
      this.#push(waiter);
    });
  }

  /** Those that gave up stay in the heap until their number comes, or until they are the greater part of it. */
  #end(waiter: Waiter, reached: boolean): void {
    waiter.done = true;
    this.#waiting--;
    waiter.resolve(reached);
    if (!reached && this.#heap.length > 64 && this.#heap.length > 2 * this.#waiting) this.#sweep();
  }

  #sweep(): void {
    const alive = this.#heap.filter(({ done }) => !done).sort((left, right) => left.number - right.number);
    this.#heap.splice(0, this.#heap.length, ...alive);
  }

  #push(waiter: Waiter): void {
    let at = this.#heap.push(waiter) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#numberAt(parent) <= waiter.number) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const least = this.#numberAt(left + 1) < this.#numberAt(left) ? left + 1 : left;
      if (this.#numberAt(least) >= this.#numberAt(at)) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #numberAt(at: number): number {
    return this.#heap[at]?.number ?? Infinity;
  }

  #swap(left: number, right: number): void {
    const [first, second] = [this.#heap[left], this.#heap[right]];
    if (first === undefined || second === undefined) return;
    this.#heap[left] = second;
    this.#heap[right] = first;
  }
}
