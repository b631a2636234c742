/** Takes partitions from the queue to signed results: waits for their inputs, runs them in the ledger's order, hands results on. */
import { HEADER } from "@mira/messaging";
import { setImmediate } from "node:timers/promises";
import { decodePartition, WireError, type AccountValue, type Partition } from "@mira/runtime/wire";
import { bytesEqual, encodeBase58 } from "@mira/primitives";
import type { CachedVersion, VersionCache } from "../domain/version-cache.ts";
import { WaitingRoom, type Need, type Waiting } from "../domain/waiting-room.ts";
import type { Clock, Logger, Progress, SettledAccount, Watermark, WorkMessage } from "../ports.ts";
import type { InputFetcher } from "./input-fetcher.ts";
import type { PartitionExecution } from "./partition-execution.ts";
import { resolveInputs } from "./resolved-inputs.ts";
import type { Work } from "./work.ts";

type WaitingWork = Waiting<Work, AccountValue>;

export type RunnerParts = {
  readonly execution: PartitionExecution;
  readonly cache: VersionCache<AccountValue>;
  readonly fetcher: InputFetcher;
  /** Everything that the cache is filled from, and what takes refused values out of it. */
  readonly watermarks: readonly Watermark[];
  readonly progress: () => Progress;
  readonly executorId: Uint8Array;
  readonly runtimeId: Uint8Array;
  /** How many partitions are held at once, as the work queue is asked for. */
  readonly heldMax: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts when draining begins: what is not running is given back. */
  readonly signal: AbortSignal;
  /** A version has not come for long: reads the results again from the beginning. */
  readonly onStuck: () => void;
};

const GIVE_BACK_MS = 250;
const GIVE_BACK_MAX_MS = 2_000;
/** Full and nothing runs for so long: what is waited for is not among what is held. */
const STILL_MS = 400;
/** A result is normally there within milliseconds of the partition that needs it. */
const ASK_SETTLEMENT_AFTER_MS = 300;
const DELIVERIES_REMEMBERED_MAX = 4_096;
const STUCK_AFTER_MS = 2_000;

export class PartitionRunner {
  readonly #parts: RunnerParts;
  readonly #room = new WaitingRoom<Work, AccountValue>();
  readonly #deliveries = new Deliveries();
  #admitting = 0;
  #running: Promise<void> | undefined;
  /** When a partition last ran, or room was made. */
  #movedAt = 0;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  get waitingCount(): number {
    return this.#room.waitingCount;
  }

  /** Never throws and never holds up the next: every message is answered some time. */
  accept(message: WorkMessage): void {
    this.#admitting++;
    this.#admit(message)
      .catch((error: unknown) => this.#giveBack(message, `not admitted: ${String(error)}`))
      .finally(() => (this.#admitting -= 1));
  }

  /** Somebody made this version. */
  supply(key: string, version: number, value: AccountValue | undefined): void {
    this.#parts.cache.put(key, version, value);
    this.#room.supply({ key, version }, { version, value });
    this.#run();
  }

  /** Settlement says so: it is also what "as settled" means. */
  supplySettled({ key, version, value }: SettledAccount): void {
    this.#room.supply({ key, version: -1 }, { version, value });
    this.supply(key, version, value);
  }

  /** To be called some times per second. */
  tick(): void {
    const now = this.#parts.clock.now();
    const waiting = this.#room.listWaiting();
    let isStuck = false;
    for (const entry of waiting) {
      if (this.#isSettled(entry.work)) this.#leave(entry, (message) => message.ack());
      else if (now - entry.arrivedAt >= ASK_SETTLEMENT_AFTER_MS) {
        this.#parts.fetcher.request([...entry.missing.values()]);
        isStuck ||= now - entry.arrivedAt >= STUCK_AFTER_MS;
      }
    }
    if (isStuck) this.#parts.onStuck();
    this.#makeRoom();
  }

  /** Resolves when what was running is handed on and everything else given back. Call after the signal has aborted. */
  async drain(): Promise<void> {
    while (this.#running !== undefined || this.#admitting > 0) {
      this.#giveAllBack();
      if (this.#running === undefined) await setImmediate();
      else await this.#running;
    }
    this.#giveAllBack();
  }

  async #admit(message: WorkMessage): Promise<void> {
    const { signal, watermarks, fetcher, cache, clock } = this.#parts;
    const partition = tryDecode(message.payload);
    if (partition instanceof WireError) {
      await this.#park(message, partition);
      return;
    }
    const unanswered = message.deliveryCount - this.#deliveries.count(message.sequence);
    const work = { message, partition, needs: listNeeds(partition), unanswered };
    const obstacle = this.#findObstacle(work);
    if (obstacle !== undefined) {
      this.#giveBack(message, obstacle);
      return;
    }
    if (this.#isSettled(work)) {
      message.ack();
      return;
    }
    await Promise.all(watermarks.map((watermark) => watermark.reach(message.publishedAt, signal)));
    const { batchNumber, partition: index, firstSequence } = partition.header;
    const find = ({ key, version }: Need): CachedVersion<AccountValue> | undefined =>
      version < 0 ? cache.findBefore(key, firstSequence) : cache.find(key, version);
    const entry = {
      work,
      order: { batchNumber, partition: index },
      at: clock.now(),
      needs: work.needs,
    };
    const missing = this.#room.enter(entry, find);
    fetcher.request(missing.filter(({ version }) => version < 0));
    this.#run();
  }

  #run(): void {
    if (this.#room.readyCount === 0) return;
    this.#running ??= this.#runReady().finally(() => {
      this.#running = undefined;
      if (!this.#parts.signal.aborted) this.#run();
    });
  }

  async #runReady(): Promise<void> {
    const { signal } = this.#parts;
    const isEnding = (): boolean => signal.aborted;
    while (!isEnding()) {
      // Native objects of the VM are only freed when the event loop turns.
      await setImmediate();
      const next = isEnding() ? undefined : this.#room.takeReady();
      if (next === undefined) return;
      await this.#execute(next);
    }
  }

  async #execute({ work, supplied }: WaitingWork): Promise<void> {
    const { message, partition, needs } = work;
    const inputs = this.#isSettled(work)
      ? undefined
      : resolveInputs(needs, supplied, partition.header.firstSequence);
    if (inputs === undefined) {
      message.ack();
      return;
    }
    try {
      const writes = await this.#parts.execution.execute(work, inputs);
      this.#movedAt = this.#parts.clock.now();
      for (const { key, version, value } of writes) this.supply(key, version, value);
    } catch (error) {
      this.#giveBack(message, `not executed: ${String(error)}`);
    }
  }

  #isSettled({ partition }: Work): boolean {
    return partition.header.batchNumber < this.#parts.progress().settledBatches;
  }

  #findObstacle({ message, partition }: Work): string | undefined {
    const { executorId, runtimeId } = this.#parts;
    if (!bytesEqual(partition.header.runtimeId, runtimeId)) return "it needs another runtime";
    const excluded = message.headers[HEADER.excludedExecutors]?.split(",") ?? [];
    return excluded.includes(encodeBase58(executorId)) ? "this executor is excluded" : undefined;
  }

  /**
   * Held to the brim with partitions that all wait: what they wait for may be in the queue. Half of them, the latest in the ledger's
   * order, are given back for it, for longer each time: what is delivered again comes before what is new.
   */
  #makeRoom(): void {
    const now = this.#parts.clock.now();
    if (this.#room.waitingCount < this.#parts.heldMax || now - this.#movedAt < STILL_MS) return;
    this.#movedAt = now;
    const latest = this.#room.listLatestWaiting(Math.ceil(this.#parts.heldMax / 2));
    for (const entry of latest)
      this.#leave(entry, (message) => this.#giveBack(message, "room for an earlier one"));
  }

  #leave(entry: WaitingWork, answer: (message: WorkMessage) => void): void {
    this.#room.leave(entry);
    answer(entry.work.message);
  }

  #giveAllBack(): void {
    for (const { work } of this.#room.clear()) work.message.nak(0);
  }

  #giveBack(message: WorkMessage, reason: string): void {
    const { signal, logger } = this.#parts;
    if (signal.aborted) {
      message.nak(0);
      return;
    }
    const times = this.#deliveries.get(message.sequence);
    logger.warn({ sequence: message.sequence, reason, times }, "a partition is given back");
    message.nak(Math.min(GIVE_BACK_MS * 2 ** Math.max(0, times - 1), GIVE_BACK_MAX_MS));
  }

  async #park(message: WorkMessage, error: WireError): Promise<void> {
    this.#parts.logger.error(
      { alert: true, sequence: message.sequence, reason: error.message },
      "a partition cannot be read",
    );
    await message.park(error.message);
  }
}

/** How often this process was handed a partition and lives on: those deliveries are no sign that it kills. */
class Deliveries {
  readonly #counts = new Map<number, number>();

  count(sequence: number): number {
    const count = (this.#counts.get(sequence) ?? 0) + 1;
    this.#counts.delete(sequence);
    this.#counts.set(sequence, count);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > DELIVERIES_REMEMBERED_MAX && oldest !== undefined) this.#counts.delete(oldest);
    return count;
  }

  get(sequence: number): number {
    return this.#counts.get(sequence) ?? 0;
  }
}

function tryDecode(payload: Uint8Array): Partition | WireError {
  try {
    return decodePartition(payload);
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

function listNeeds({ inputs }: Partition): Need[] {
  return Array.from({ length: inputs.count }, (_, index) => ({
    key: inputs.key(index),
    version: inputs.version(index),
  }));
}
