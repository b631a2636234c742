/** Batches on their way to being settled: what was sealed, and the results heard for it. Bounded by speculation. */
import { refuse, type BatchNumber, type Refusal, type UnixMs } from "@mira/primitives";
import { verifyPartitionResult, type PartitionResult, type SealedBatch } from "@mira/runtime/wire";
import { readBatch } from "../codec/batch-facts.ts";
import { PlainKeys } from "../codec/plain-keys.ts";
import { readResult, toResultFacts } from "../codec/result-facts.ts";
import { Assembly } from "../domain/assembly.ts";
import type { ResultRefusalCode } from "../domain/refusal-policy.ts";
import { TaintedVersions } from "./tainted-versions.ts";
import type { Executors } from "./executors.ts";

export type HeardResult = { readonly packed: PartitionResult; readonly position: number };
export type PendingBatch = {
  readonly sealed: SealedBatch;
  readonly assembly: Assembly<HeardResult>;
  /** Where the batch stands in its stream; 0 when it did not come from there. */
  readonly position: number;
  /** Transactions, by place, that are to get receipts that do nothing, each with the reason. */
  readonly condemned: Map<number, string>;
  heardAt: number;
};

/** What hearing a result led to. `ahead`: its batch is not known yet, it is kept. `late`: its batch is settled. */
export type Hearing =
  | { readonly outcome: "admitted" | "duplicate" | "ahead" | "late" | "dropped" }
  | {
      readonly outcome: "refused";
      readonly result: HeardResult | undefined;
      readonly refusal: Refusal<ResultRefusalCode>;
    };

export type PendingLimits = { readonly batchesMax: number; readonly aheadBytesMax: number };

export class PendingBatches {
  readonly #executors: Executors;
  readonly #settlementKey: Uint8Array;
  readonly #limits: PendingLimits;
  readonly #plainKeys: PlainKeys;
  readonly #batches = new Map<number, PendingBatch>();
  readonly #ahead = new Map<number, HeardResult[]>();
  readonly tainted = new TaintedVersions();
  #aheadBytes = 0;
  #heardBatches = 0;
  #heardResults = 0;
  #next = 0;

  constructor(options: {
    readonly executors: Executors;
    /** Settlement's own key: it may publish receipts that do nothing, and nothing else. */
    readonly settlementKey: Uint8Array;
    readonly limits: PendingLimits;
    readonly seed: number;
  }) {
    this.#executors = options.executors;
    this.#settlementKey = options.settlementKey;
    this.#limits = options.limits;
    this.#plainKeys = new PlainKeys(options.seed);
  }

  /** Number of the batch that is settled next. */
  get next(): number {
    return this.#next;
  }

  get size(): number {
    return this.#batches.size;
  }

  hasRoom(): boolean {
    return this.#batches.size < this.#limits.batchesMax;
  }

  get(batchNumber: number): PendingBatch | undefined {
    return this.#batches.get(batchNumber);
  }

  /** Everything before `next` is settled. */
  moveTo(next: number): void {
    for (let batch = this.#next; batch < next; batch++) {
      this.#batches.delete(batch);
      this.#dropAhead(batch);
    }
    this.#next = next;
  }

  /** Takes a sealed batch, then the results that were heard before it. What those lead to is returned. */
  hearSealed(bytes: Uint8Array, position: number, now: number): readonly Hearing[] {
    this.#heardBatches = Math.max(this.#heardBatches, position);
    const read = readBatch(bytes, this.#plainKeys);
    const number = read?.facts.batchNumber;
    if (read === undefined || number === undefined) return [];
    if (number < this.#next || number >= this.#next + this.#limits.batchesMax || this.#batches.has(number))
      return [];
    const assembly = new Assembly<HeardResult>(read.facts);
    this.#batches.set(number, {
      sealed: read.sealed,
      assembly,
      position,
      condemned: new Map(),
      heardAt: now,
    });
    const waiting = this.#ahead.get(number) ?? [];
    this.#dropAhead(number);
    return waiting.map((result) => this.#admit(result));
  }

  hearResult(bytes: Uint8Array, position: number, now: UnixMs): Hearing {
    this.#heardResults = position;
    const packed = readResult(bytes);
    if (packed === undefined) return refused(undefined, "RESULT_UNSIGNED", "the bytes are not a result");
    const result = { packed, position };
    const { batchNumber } = packed.header;
    if (batchNumber < this.#next) return { outcome: "late" };
    const stranger = this.#checkSender(packed, now);
    if (stranger !== undefined) return { outcome: "refused", result, refusal: stranger };
    return this.#batches.has(batchNumber) ? this.#admit(result) : this.#keepAhead(result);
  }

  /** Where a restart has to begin to read, once everything below `next` is settled. */
  findRestartPositions(next: number): { readonly batches: number; readonly results: number } {
    let [batches, results] = [this.#heardBatches + 1, this.#heardResults + 1];
    for (const [number, { position, assembly }] of this.#batches) {
      if (number < next) continue;
      if (position > 0) batches = Math.min(batches, position);
      for (const { payload } of assembly.listResults()) results = Math.min(results, payload.position);
    }
    for (const [number, waiting] of this.#ahead)
      if (number >= next) for (const { position } of waiting) results = Math.min(results, position);
    return { batches, results };
  }

  #checkSender(packed: PartitionResult, now: UnixMs): Refusal<ResultRefusalCode> | undefined {
    const { executorId } = packed.header;
    const isOwn = Buffer.compare(executorId, this.#settlementKey) === 0;
    const executor = this.#executors.find(executorId);
    if (!isOwn && executor === undefined)
      return refuse("RESULT_UNSIGNED", "the executor is not on the list of those allowed");
    if (executor?.asideFor !== undefined)
      return refuse("RESULT_UNSIGNED", "the executor is set aside", { reason: executor.asideFor });
    if (!verifyPartitionResult(packed))
      return refuse("RESULT_UNSIGNED", "the result's signature does not verify");
    if (executor !== undefined) executor.lastSeenAt = now;
    if (isOwn && !doesNothing(packed)) return refuse("RESULT_UNSIGNED", "settlement executes nothing itself");
    return undefined;
  }

  #admit(result: HeardResult): Hearing {
    const pending = this.#batches.get(result.packed.header.batchNumber);
    if (pending === undefined) return { outcome: "late" };
    if (this.tainted.touches(result.packed.inputs))
      return { outcome: "refused", result, refusal: refuseDragged() };
    const facts = toResultFacts(result.packed, pending.assembly.batch.keys);
    const admission = pending.assembly.add(facts, result);
    if (!admission.ok) return { outcome: "refused", result, refusal: admission };
    if (admission.value === "admitted") this.tainted.cleanse(result.packed.writes);
    return { outcome: admission.value };
  }

  #keepAhead(result: HeardResult): Hearing {
    const { batchNumber } = result.packed.header;
    const bytes = result.packed.bytes.length;
    const isTooFar = batchNumber >= this.#next + this.#limits.batchesMax;
    if (isTooFar || this.#aheadBytes + bytes > this.#limits.aheadBytesMax) return { outcome: "dropped" };
    this.#aheadBytes += bytes;
    const waiting = this.#ahead.get(batchNumber);
    if (waiting === undefined) this.#ahead.set(batchNumber, [result]);
    else waiting.push(result);
    return { outcome: "ahead" };
  }

  #dropAhead(batchNumber: BatchNumber | number): void {
    for (const { packed } of this.#ahead.get(batchNumber) ?? []) this.#aheadBytes -= packed.bytes.length;
    this.#ahead.delete(batchNumber);
  }

  list(): PendingBatch[] {
    return [...this.#batches.values()];
  }
}

function doesNothing({ receipts }: PartitionResult): boolean {
  for (let index = 0; index < receipts.count; index++) if (receipts.status(index) !== 2) return false;
  return true;
}

function refused(result: HeardResult | undefined, code: ResultRefusalCode, message: string): Hearing {
  return { outcome: "refused", result, refusal: refuse(code, message) };
}

/** It stands on what was refused, so it falls with it. */
export function refuseDragged(): Refusal<"RESULT_STALE_INPUT"> {
  return refuse("RESULT_STALE_INPUT", "it stands on a result that was refused", { dragged: true });
}
