/** What the queued and the unsettled transactions hold: each account's version, its pending compute, and who still locks it. */
import { invariant } from "@mira/primitives";
import { AS_SETTLED_BEFORE } from "./partition-inputs.ts";

const IDS_MIN = 1_024;

/** Accounts get small ids while anything holds them; an id is used again once nobody does. Bounded by what may be pending. */
export class AccountWindow {
  readonly #ids = new Map<string, number>();
  #keys: string[] = [];
  readonly #free: number[] = [];
  #holds = new Uint32Array(IDS_MIN);
  #writers = new Uint32Array(IDS_MIN);
  #pendingUs = new Float64Array(IDS_MIN);
  #writtenUpTo = new Float64Array(IDS_MIN);

  /** Accounts held by anyone. */
  get size(): number {
    return this.#ids.size;
  }

  /** Every id is below this; for sizing arrays that run beside the window. */
  get idLimit(): number {
    return this.#holds.length;
  }

  find(key: string): number | undefined {
    return this.#ids.get(key);
  }

  keyOf(id: number): string {
    return this.#keys[id] ?? "";
  }

  /** Takes a lock for one more transaction; the account's id. Each hold MUST be released once. */
  hold(key: string, writable: boolean, costUs: number): number {
    const id = this.#ids.get(key) ?? this.#create(key);
    this.#holds[id] = (this.#holds[id] ?? 0) + 1;
    if (writable) {
      this.#writers[id] = (this.#writers[id] ?? 0) + 1;
      this.#pendingUs[id] = (this.#pendingUs[id] ?? 0) + costUs;
    }
    return id;
  }

  release(id: number, writable: boolean, costUs: number): void {
    const holds = this.#holds[id] ?? 0;
    invariant(holds > 0, "a lock is released once");
    this.#holds[id] = holds - 1;
    if (writable) {
      this.#writers[id] = (this.#writers[id] ?? 0) - 1;
      this.#pendingUs[id] = (this.#pendingUs[id] ?? 0) - costUs;
    }
    if (holds === 1) this.#forget(id);
  }

  /** Compute that queued and unsettled transactions will spend with this account locked for writing. */
  pendingUs(key: string): number {
    const id = this.#ids.get(key);
    return id === undefined ? 0 : (this.#pendingUs[id] ?? 0);
  }

  /** Whether a queued or unsettled transaction writes the account. */
  isBeingWritten(key: string): boolean {
    const id = this.#ids.get(key);
    return id !== undefined && (this.#writers[id] ?? 0) > 0;
  }

  /** The version the next transaction finds: exact if a transaction at or above `settledSequence` made it. */
  versionOf(id: number, settledSequence: number): number {
    const version = this.#writtenUpTo[id] ?? 0;
    return version > settledSequence ? version : AS_SETTLED_BEFORE;
  }

  /** Notes that the transaction with this sequence number has the write lock. */
  markWritten(id: number, sequence: number): void {
    this.#writtenUpTo[id] = sequence + 1;
  }

  #create(key: string): number {
    const id = this.#free.pop() ?? this.#keys.length;
    if (id === this.#holds.length) this.#grow();
    this.#ids.set(key, id);
    this.#keys[id] = key;
    this.#holds[id] = this.#writers[id] = 0;
    this.#pendingUs[id] = this.#writtenUpTo[id] = 0;
    return id;
  }

  #forget(id: number): void {
    this.#ids.delete(this.keyOf(id));
    this.#keys[id] = "";
    this.#free.push(id);
  }

  #grow(): void {
    const size = this.#holds.length * 2;
    this.#holds = copyInto(new Uint32Array(size), this.#holds);
    this.#writers = copyInto(new Uint32Array(size), this.#writers);
    this.#pendingUs = copyInto(new Float64Array(size), this.#pendingUs);
    this.#writtenUpTo = copyInto(new Float64Array(size), this.#writtenUpTo);
  }
}

function copyInto<T extends Uint32Array | Float64Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
