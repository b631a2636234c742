/** The queue in front of sealing and the window of unsettled batches behind it: what may be admitted, and what each batch needs. */
import { encodeBase58, invariant, refuse, type Refusal } from "@mira/primitives";
import { AccountWindow } from "./account-window.ts";
import type { BlockhashWindow } from "./blockhash-window.ts";
import type { Cut } from "./cut.ts";
import { DuplicateWindow } from "./duplicate-window.ts";
import { computePartitionInputs, type PartitionInputs } from "./partition-inputs.ts";
import type { Partitioner } from "./partitioner.ts";
import type { PayerFunds } from "./payer-funds.ts";
import { PendingBatch, type Admission } from "./pending-batch.ts";

export type OrderLimits = {
  readonly batchTransactionsMax: number;
  readonly batchBytesMax: number;
  /** Transactions admitted and not yet sealed. */
  readonly queuedMax: number;
  /** Batches sealed and not yet settled. */
  readonly speculationMax: number;
  /** Distinct accounts locked by anything pending. */
  readonly accountsMax: number;
  /** Compute that may be pending with one account locked for writing. */
  readonly accountBudgetUs: number;
  /** What a refused caller is told to wait. */
  readonly retryAfterMs: number;
};

export type Candidate = Admission & {
  readonly messageHash: string;
  /** How its first signature begins. */
  readonly signature: string;
  readonly blockhashSlot: number;
  /** Lookup tables whose contents decided the locks. */
  readonly tables: readonly string[];
};

export type AdmissionRefusalCode =
  | "TRANSACTION_DUPLICATE"
  | "BLOCKHASH_EXPIRED"
  | "SPECULATION_LIMIT"
  | "OVERLOADED"
  | "LOOKUP_TABLE_UNSETTLED"
  | "ACCOUNT_CONGESTED";

/** A batch whose place is fixed: how it is cut, and which account versions each partition needs. */
export type CutBatch = {
  readonly cut: Cut;
  readonly inputs: PartitionInputs;
  /** Keys by the account numbers that the inputs use. */
  readonly keys: readonly string[];
};

type Queued<Item> = { readonly batch: PendingBatch; readonly items: Item[] };
type Unsettled = {
  readonly batchNumber: number;
  readonly firstSequence: number;
  readonly batch: PendingBatch;
};

/** `Item` is what the shell needs back when a transaction is sealed. */
export class OrderWindow<Item> {
  readonly accounts = new AccountWindow();
  readonly duplicates = new DuplicateWindow();
  readonly #limits: OrderLimits;
  readonly #funds: PayerFunds;
  readonly #blockhashes: BlockhashWindow;
  readonly #partitioner: Partitioner;
  readonly #queue: Queued<Item>[] = [];
  readonly #unsettled: Unsettled[] = [];
  #queued = 0;
  #queuedBytes = 0;
  #nextSequence = 0;
  #nextBatch = 0;
  #denseOf = new Int32Array(0);

  constructor(options: {
    readonly limits: OrderLimits;
    readonly funds: PayerFunds;
    readonly blockhashes: BlockhashWindow;
    readonly partitioner: Partitioner;
  }) {
    this.#limits = options.limits;
    this.#funds = options.funds;
    this.#blockhashes = options.blockhashes;
    this.#partitioner = options.partitioner;
  }

  get queued(): number {
    return this.#queued;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** When the first of the queue was admitted. */
  get oldestAt(): number {
    return this.#queue[0]?.batch.admittedAt ?? 0;
  }

  /** Batches with a place in the order that settlement has not confirmed. */
  get speculation(): number {
    return this.#unsettled.length;
  }

  /** Whether what is unsettled calls user programs. */
  get callsPrograms(): boolean {
    return this.#unsettled.some(({ batch }) => batch.programs.size > 0);
  }

  /** The user program that an unsettled transaction calls, if there is one. */
  findProgram(batchNumber: number, sequence: number): string | undefined {
    const found = this.#unsettled[batchNumber - this.settledBatches];
    return found?.batch.programs.get(sequence - found.firstSequence);
  }

  get nextSequence(): number {
    return this.#nextSequence;
  }

  get nextBatch(): number {
    return this.#nextBatch;
  }

  get settledBatches(): number {
    return this.#unsettled[0]?.batchNumber ?? this.#nextBatch;
  }

  /** Queues the transaction, or says why not. Nothing is held when it is refused. */
  admit(candidate: Candidate, item: Item, now: number): Refusal<AdmissionRefusalCode> | undefined {
    const refusal = this.#findRefusal(candidate);
    if (refusal !== undefined) return refusal;
    const { batch, items } = this.#openBatch(candidate.bytes, now);
    batch.add(candidate, this.accounts, this.#funds);
    items.push(item);
    this.#queued++;
    this.#queuedBytes += candidate.bytes;
    this.duplicates.add(candidate.blockhashSlot, candidate.messageHash, candidate.signature);
    return undefined;
  }

  /** The oldest queued batch, now without a place in the queue; it MUST be given a place in the order or be dropped. */
  takeBatch(): Queued<Item> | undefined {
    const taken = this.#queue.shift();
    if (taken === undefined) return undefined;
    this.#queued -= taken.batch.count;
    this.#queuedBytes -= taken.batch.byteCount;
    return taken;
  }

  /**
   * Gives the batch its place: sequence numbers from `nextSequence` on. With `cut`, as it was cut when it was sealed; what is
   * restored from the store comes in order, through here too.
   */
  place(batch: PendingBatch, cut?: Cut): CutBatch {
    const firstSequence = this.#nextSequence;
    if (this.#denseOf.length < this.accounts.idLimit) this.#denseOf = new Int32Array(this.accounts.idLimit);
    const { locks, ids } = batch.toLocks(this.#denseOf);
    const settledSequence = this.#unsettled[0]?.firstSequence ?? firstSequence;
    const before = new Float64Array(ids.length);
    for (let dense = 0; dense < ids.length; dense++)
      before[dense] = this.accounts.versionOf(ids[dense] ?? 0, settledSequence);
    const chosen = cut ?? this.#partitioner.cut(locks);
    const inputs = computePartitionInputs(chosen, locks, firstSequence, before);
    batch.forEachWritten((id, at) => this.accounts.markWritten(id, firstSequence + at));
    this.#unsettled.push({ batchNumber: this.#nextBatch, firstSequence, batch });
    this.#nextSequence += batch.count;
    this.#nextBatch++;
    return { cut: chosen, inputs, keys: Array.from(ids, (id) => this.accounts.keyOf(id)) };
  }

  /** Starts the order after what the store holds; only before anything has a place. */
  startAt(nextBatch: number, nextSequence: number): void {
    invariant(this.#unsettled.length === 0, "the order starts before anything has a place in it");
    this.#nextBatch = nextBatch;
    this.#nextSequence = nextSequence;
  }

  /** Batches below `settledBatches` are settled: their locks, versions and reservations end. Calls `visit` with each account written. */
  settle(settledBatches: number, visit?: (key: string) => void): number {
    let released = 0;
    for (let first = this.#unsettled[0]; first !== undefined; first = this.#unsettled[0]) {
      if (first.batchNumber >= settledBatches) break;
      this.#unsettled.shift();
      if (visit !== undefined) first.batch.forEachWritten((id) => visit(this.accounts.keyOf(id)));
      first.batch.release(this.accounts, this.#funds);
      released++;
    }
    return released;
  }

  /** Gives back what the queue holds, for a leader that steps down; what waited there. */
  dropQueue(): Item[] {
    const items: Item[] = [];
    for (let taken = this.takeBatch(); taken !== undefined; taken = this.takeBatch()) {
      taken.batch.release(this.accounts, this.#funds);
      items.push(...taken.items);
    }
    return items;
  }

  #findRefusal(candidate: Candidate): Refusal<AdmissionRefusalCode> | undefined {
    if (this.duplicates.has(candidate.blockhashSlot, candidate.messageHash)) return refuseDuplicate();
    if (candidate.blockhashSlot < this.#blockhashes.oldestSlot) return refuseExpired(this.#blockhashes);
    return this.findBackPressure() ?? this.#findConflict(candidate);
  }

  /** Whether anything can be admitted at all. Asked before the costly checks too. */
  findBackPressure(): Refusal<"SPECULATION_LIMIT" | "OVERLOADED"> | undefined {
    const { speculationMax, queuedMax, accountsMax, retryAfterMs } = this.#limits;
    if (this.#unsettled.length >= speculationMax)
      return refuse("SPECULATION_LIMIT", "Too many batches are sequenced and not yet settled.", {
        limit: speculationMax,
        found: this.#unsettled.length,
        settledBatches: this.settledBatches,
        retryAfterMs,
      });
    if (this.#queued >= queuedMax) return refuseOverloaded("transactions queued", queuedMax, retryAfterMs);
    if (this.accounts.size >= accountsMax)
      return refuseOverloaded("accounts locked", accountsMax, retryAfterMs);
    return undefined;
  }

  #findConflict(candidate: Candidate): Refusal<"LOOKUP_TABLE_UNSETTLED" | "ACCOUNT_CONGESTED"> | undefined {
    for (const table of candidate.tables)
      if (this.accounts.isBeingWritten(table))
        return refuse("LOOKUP_TABLE_UNSETTLED", "An unsettled transaction changes the lookup table.", {
          table: printKey(table),
          retryAfterMs: this.#limits.retryAfterMs,
        });
    return this.#findCongestion(candidate);
  }

  /** Names the account that has most pending of its own: one that merely waits beside it has little. */
  #findCongestion({ locks, costUs }: Candidate): Refusal<"ACCOUNT_CONGESTED"> | undefined {
    const { accountBudgetUs, retryAfterMs } = this.#limits;
    let mostUs = accountBudgetUs - costUs;
    let cause: string | undefined;
    for (const { key, writable } of locks) {
      if (!writable) continue;
      const pendingUs = this.accounts.pendingUs(key);
      // An account with nothing pending always takes one transaction, however heavy.
      if (pendingUs === 0 || pendingUs <= mostUs) continue;
      mostUs = pendingUs;
      cause = key;
    }
    if (cause === undefined) return undefined;
    return refuse("ACCOUNT_CONGESTED", "The account's compute budget in the pending batches is used up.", {
      account: printKey(cause),
      budgetUs: accountBudgetUs,
      pendingUs: Math.round(mostUs),
      neededUs: Math.round(costUs),
      retryAfterMs,
    });
  }

  #openBatch(bytes: number, now: number): Queued<Item> {
    const { batchTransactionsMax, batchBytesMax } = this.#limits;
    const last = this.#queue.at(-1);
    if (
      last !== undefined &&
      last.batch.count < batchTransactionsMax &&
      last.batch.byteCount + bytes <= batchBytesMax
    )
      return last;
    const opened = { batch: new PendingBatch(batchTransactionsMax, now), items: [] };
    this.#queue.push(opened);
    return opened;
  }
}

export function refuseDuplicate(): Refusal<"TRANSACTION_DUPLICATE"> {
  return refuse("TRANSACTION_DUPLICATE", "The same message was admitted within the blockhash window.");
}

export function refuseExpired(blockhashes: BlockhashWindow): Refusal<"BLOCKHASH_EXPIRED"> {
  return refuse("BLOCKHASH_EXPIRED", "The recent blockhash is not within the window.", {
    oldestSlot: blockhashes.oldestSlot,
    newestSlot: blockhashes.newestSlot,
  });
}

function refuseOverloaded(what: string, limit: number, retryAfterMs: number): Refusal<"OVERLOADED"> {
  return refuse("OVERLOADED", `There are too many ${what}.`, { what, limit, retryAfterMs });
}

function printKey(key: string): string {
  return encodeBase58(Buffer.from(key, "latin1"));
}
