/** Collects the locks of a batch's transactions in order and links every lock to the write lock it comes after. */
import { BEFORE_BATCH, type BatchFacts } from "./facts.ts";
import { KeyTable } from "./key-table.ts";

export type LockIndex = Pick<
  BatchFacts,
  "keys" | "lockStart" | "lockKey" | "lockIsWrite" | "lockTransaction" | "previousWrite"
>;

export class LockIndexBuilder {
  readonly #keys: KeyTable;
  readonly #lockStart: Int32Array;
  #lockKey: Int32Array;
  #lockIsWrite: Uint8Array;
  #lockTransaction: Int32Array;
  #previousWrite: Int32Array;
  /** Position + 1 of the last write lock of each key. */
  #lastWrite: Int32Array;
  #transaction = 0;
  #position = 0;

  constructor(transactionCount: number, seed = 0) {
    const guess = Math.max(16, transactionCount * 4);
    this.#keys = new KeyTable({ capacity: guess, seed });
    this.#lockStart = new Int32Array(transactionCount + 1);
    this.#lockKey = new Int32Array(guess);
    this.#lockIsWrite = new Uint8Array(guess);
    this.#lockTransaction = new Int32Array(guess);
    this.#previousWrite = new Int32Array(guess);
    this.#lastWrite = new Int32Array(guess);
  }

  /** Adds a lock to the transaction under way; gives the key's number. */
  addLock(bytes: Uint8Array, offset: number, isWrite: boolean): number {
    const key = this.#keys.intern(bytes, offset);
    const at = this.#position++;
    if (at >= this.#lockKey.length) this.#growLocks();
    if (key >= this.#lastWrite.length) this.#lastWrite = grow(this.#lastWrite);
    this.#lockKey[at] = key;
    this.#lockIsWrite[at] = isWrite ? 1 : 0;
    this.#lockTransaction[at] = this.#transaction;
    this.#previousWrite[at] = (this.#lastWrite[key] ?? 0) - 1;
    return key;
  }

  /** Ends the transaction: only now do its own write locks count for those that come later. */
  endTransaction(): void {
    for (let at = this.#lockStart[this.#transaction] ?? 0; at < this.#position; at++)
      if (this.#lockIsWrite[at] === 1) this.#lastWrite[this.#lockKey[at] ?? 0] = at + 1;
    this.#lockStart[++this.#transaction] = this.#position;
  }

  finish(): LockIndex {
    return {
      keys: this.#keys,
      lockStart: this.#lockStart,
      lockKey: this.#lockKey.subarray(0, this.#position),
      lockIsWrite: this.#lockIsWrite.subarray(0, this.#position),
      lockTransaction: this.#lockTransaction.subarray(0, this.#position),
      previousWrite: this.#previousWrite.subarray(0, this.#position),
    };
  }

  #growLocks(): void {
    this.#lockKey = grow(this.#lockKey);
    this.#lockTransaction = grow(this.#lockTransaction);
    this.#previousWrite = grow(this.#previousWrite);
    const wider = new Uint8Array(this.#lockIsWrite.length * 2);
    wider.set(this.#lockIsWrite);
    this.#lockIsWrite = wider;
  }
}

function grow(array: Int32Array): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(array.length * 2);
  wider.set(array);
  return wider;
}

/** The version that the ledger's order demands of the account at a lock position. */
export function demandedVersion(batch: BatchFacts, position: number, preVersion: Float64Array): number {
  const previous = batch.previousWrite[position] ?? BEFORE_BATCH;
  if (previous === BEFORE_BATCH) return preVersion[batch.lockKey[position] ?? 0] ?? 0;
  return batch.firstSequence + (batch.lockTransaction[previous] ?? 0) + 1;
}
