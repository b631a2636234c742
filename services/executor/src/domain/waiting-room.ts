/**
 * Partitions whose input versions are not all there, and those that may run. A partition waits for versions, never for another
 * partition, so the order in which partitions and versions arrive does not matter.
 */
import { invariant } from "@mira/primitives";
import type { CachedVersion } from "./version-cache.ts";

/** `version` below 0: whatever is settled before the partition's batch. */
export type Need = { readonly key: string; readonly version: number };
/** Earlier batches first, within a batch lower partitions first: what others wait for is there. */
export type Order = { readonly batchNumber: number; readonly partition: number };

export type Waiting<Work, Value> = {
  readonly work: Work;
  readonly order: Order;
  readonly arrivedAt: number;
  /** By key; grows until nothing misses. */
  readonly supplied: Map<string, CachedVersion<Value>>;
  readonly missing: Map<string, Need>;
};

export class WaitingRoom<Work, Value> {
  readonly #waiting = new Set<Waiting<Work, Value>>();
  /** By account, then by version: most versions are waited for by nobody, and then one look is enough. */
  readonly #byKey = new Map<string, Map<number, Set<Waiting<Work, Value>>>>();
  readonly #ready: Waiting<Work, Value>[] = [];

  get waitingCount(): number {
    return this.#waiting.size;
  }

  get readyCount(): number {
    return this.#ready.length;
  }

  /** `find` answers from what is known already. Tells what misses. */
  enter(
    entry: {
      readonly work: Work;
      readonly order: Order;
      readonly at: number;
      readonly needs: readonly Need[];
    },
    find: (need: Need) => CachedVersion<Value> | undefined,
  ): readonly Need[] {
    const waiting: Waiting<Work, Value> = {
      work: entry.work,
      order: entry.order,
      arrivedAt: entry.at,
      supplied: new Map(),
      missing: new Map(),
    };
    for (const need of entry.needs) {
      const known = find(need);
      if (known === undefined) this.#await(waiting, need);
      else waiting.supplied.set(need.key, known);
    }
    if (waiting.missing.size === 0) this.#ready.push(waiting);
    else this.#waiting.add(waiting);
    return [...waiting.missing.values()];
  }

  /** Everyone who waits for exactly this need gets it. */
  supply(need: Need, found: CachedVersion<Value>): void {
    const waiters = this.#byKey.get(need.key)?.get(normalize(need.version));
    if (waiters === undefined) return;
    this.#forget(need);
    for (const waiting of waiters) {
      waiting.supplied.set(need.key, found);
      waiting.missing.delete(need.key);
      if (waiting.missing.size > 0) continue;
      this.#waiting.delete(waiting);
      this.#ready.push(waiting);
    }
  }

  takeReady(): Waiting<Work, Value> | undefined {
    let first = 0;
    for (let index = 1; index < this.#ready.length; index++)
      if (isBefore(this.#ready[index], this.#ready[first])) first = index;
    return this.#ready.splice(first, 1)[0];
  }

  /** Those that wait longest come first. */
  listWaiting(): readonly Waiting<Work, Value>[] {
    return [...this.#waiting];
  }

  /** The latest in the ledger's order: the first to let go when room is needed for earlier ones. */
  listLatestWaiting(count: number): readonly Waiting<Work, Value>[] {
    return [...this.#waiting].sort((left, right) => (isBefore(left, right) ? 1 : -1)).slice(0, count);
  }

  leave(waiting: Waiting<Work, Value>): void {
    invariant(this.#waiting.delete(waiting), "only what waits can leave");
    for (const need of waiting.missing.values()) {
      const waiters = this.#byKey.get(need.key)?.get(normalize(need.version));
      waiters?.delete(waiting);
      if (waiters?.size === 0) this.#forget(need);
    }
  }

  /** Everything that has not been taken; the room is empty afterwards. */
  clear(): readonly Waiting<Work, Value>[] {
    const all = [...this.#ready.splice(0), ...this.#waiting];
    this.#waiting.clear();
    this.#byKey.clear();
    return all;
  }

  #await(waiting: Waiting<Work, Value>, need: Need): void {
    waiting.missing.set(need.key, need);
    const versions = this.#byKey.get(need.key) ?? new Map<number, Set<Waiting<Work, Value>>>();
    const waiters = versions.get(normalize(need.version)) ?? new Set();
    waiters.add(waiting);
    versions.set(normalize(need.version), waiters);
    this.#byKey.set(need.key, versions);
  }

  #forget({ key, version }: Need): void {
    const versions = this.#byKey.get(key);
    versions?.delete(normalize(version));
    if (versions?.size === 0) this.#byKey.delete(key);
  }
}

/** Everything below 0 means "as settled". */
function normalize(version: number): number {
  return Math.max(version, -1);
}

function isBefore<Work, Value>(
  left: Waiting<Work, Value> | undefined,
  right: Waiting<Work, Value> | undefined,
): boolean {
  if (left === undefined || right === undefined) return left !== undefined;
  const batches = left.order.batchNumber - right.order.batchNumber;
  return batches === 0 ? left.order.partition < right.order.partition : batches < 0;
}
