/** Transactions admitted together, in order, as flat arrays; from admission until their batch is settled. */
import type { AccountWindow } from "./account-window.ts";
import type { BatchLocks } from "./lock-graph.ts";
import type { Payer, PayerFunds } from "./payer-funds.ts";

type Lock = { readonly key: string; readonly writable: boolean };

export type Admission = {
  readonly locks: readonly Lock[];
  readonly payer: string;
  readonly feeLamports: number;
  readonly costUs: number;
  /** The user program whose use of compute units decides how long the transaction runs, if there is one. */
  readonly program: string | undefined;
  readonly bytes: number;
};

export class PendingBatch {
  readonly admittedAt: number;
  count = 0;
  byteCount = 0;
  /** By place in the batch; few transactions call user programs, or they are heavy enough not to mind. */
  readonly programs = new Map<number, string>();
  #lockCount = 0;
  readonly #lockEnds: Uint32Array;
  readonly #costsUs: Float64Array;
  readonly #bytes: Uint32Array;
  readonly #fees: Float64Array;
  readonly #payers: Payer[] = [];
  #ids: Uint32Array;
  #writes: Uint8Array;

  constructor(capacity: number, admittedAt: number) {
    this.admittedAt = admittedAt;
    this.#lockEnds = new Uint32Array(capacity);
    this.#costsUs = new Float64Array(capacity);
    this.#bytes = new Uint32Array(capacity);
    this.#fees = new Float64Array(capacity);
    this.#ids = new Uint32Array(capacity * 4);
    this.#writes = new Uint8Array(capacity * 4);
  }

  get capacity(): number {
    return this.#lockEnds.length;
  }

  add(admission: Admission, accounts: AccountWindow, funds: PayerFunds): void {
    const at = this.count++;
    if (this.#lockCount + admission.locks.length > this.#ids.length) this.#growLocks();
    for (const { key, writable } of admission.locks) {
      this.#ids[this.#lockCount] = accounts.hold(key, writable, admission.costUs);
      this.#writes[this.#lockCount++] = writable ? 1 : 0;
    }
    this.#lockEnds[at] = this.#lockCount;
    this.#costsUs[at] = admission.costUs;
    this.#bytes[at] = admission.bytes;
    this.#fees[at] = admission.feeLamports;
    if (admission.program !== undefined) this.programs.set(at, admission.program);
    this.#payers.push(funds.reserve(admission.payer, admission.feeLamports));
    this.byteCount += admission.bytes;
  }

  /** Gives back every lock and every reservation, once. */
  release(accounts: AccountWindow, funds: PayerFunds): void {
    for (let at = 0, lock = 0; at < this.count; at++) {
      const costUs = this.#costsUs[at] ?? 0;
      for (const end = this.#lockEnds[at] ?? 0; lock < end; lock++)
        accounts.release(this.#ids[lock] ?? 0, this.#writes[lock] === 1, costUs);
      const payer = this.#payers[at];
      if (payer !== undefined) funds.release(payer, this.#fees[at] ?? 0);
    }
    this.count = this.#lockCount = 0;
    this.#payers.length = 0;
  }

  /** Calls `visit` with every account locked for writing, with repetitions. */
  forEachWritten(visit: (id: number, at: number) => void): void {
    for (let at = 0, lock = 0; at < this.count; at++)
      for (const end = this.#lockEnds[at] ?? 0; lock < end; lock++)
        if (this.#writes[lock] === 1) visit(this.#ids[lock] ?? 0, at);
  }

  /** The batch for the partitioner: accounts renumbered densely. `ids[dense]` is the id in the window. */
  toLocks(denseOf: Int32Array): { readonly locks: BatchLocks; readonly ids: Uint32Array } {
    const lockAccounts = new Uint32Array(this.#lockCount);
    const ids = new Uint32Array(this.#lockCount);
    let accounts = 0;
    for (let lock = 0; lock < this.#lockCount; lock++) {
      const id = this.#ids[lock] ?? 0;
      let dense = (denseOf[id] ?? 0) - 1;
      if (dense < 0) {
        dense = accounts++;
        ids[dense] = id;
        denseOf[id] = accounts;
      }
      lockAccounts[lock] = dense;
    }
    for (let dense = 0; dense < accounts; dense++) denseOf[ids[dense] ?? 0] = 0;
    return {
      ids: ids.subarray(0, accounts),
      locks: {
        count: this.count,
        accounts,
        lockEnds: this.#lockEnds,
        lockAccounts,
        lockWrites: this.#writes,
        weightsUs: this.#costsUs,
        bytes: this.#bytes,
      },
    };
  }

  #growLocks(): void {
    const ids = new Uint32Array(this.#ids.length * 2 + 64);
    const writes = new Uint8Array(ids.length);
    ids.set(this.#ids);
    writes.set(this.#writes);
    this.#ids = ids;
    this.#writes = writes;
  }
}
