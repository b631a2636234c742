/** Wires the role `execute`: work queue -> inputs -> VM -> signed results. */
import type { Health } from "@mira/chassis";
import { STREAM, SUBJECT, type ConsumerDeclaration, type Messaging, type Topology } from "@mira/messaging";
import { delay, encodeBase58, type KeyPair } from "@mira/primitives";
import type { SvmRuntime } from "@mira/runtime";
import type { AccountValue } from "@mira/runtime/wire";
import type { ExecutorFigures } from "./api/executor-api.ts";
import { ResultOrigins } from "./domain/result-origins.ts";
import { VersionCache } from "./domain/version-cache.ts";
import type { Clock, Logger, OutgoingResult, Progress, SettledAccounts } from "./ports.ts";
import { reactToPartitionExecuted } from "./reactors/partition-executed.ts";
import { reactToResultRefused } from "./reactors/result-refused.ts";
import type { ExecutorTelemetry } from "./telemetry.ts";
import { InputFetcher } from "./workers/input-fetcher.ts";
import { PartitionExecution } from "./workers/partition-execution.ts";
import { PartitionRunner } from "./workers/partition-runner.ts";
import { ResultPublisher } from "./workers/result-publisher.ts";
import { StreamWatermark } from "./workers/stream-watermark.ts";
import type { Trial } from "./workers/trial.ts";

/** Shared by all executors. Deliveries are not limited: a partition that kills executors is tried apart and answered. */
export const EXECUTORS: ConsumerDeclaration = {
  stream: STREAM.partitions.name,
  durable: "executors",
  ackWaitMs: 2_000,
  maxDeliver: 5,
  maxAckPending: 512,
};
export const EXECUTE_TOPOLOGY: Topology = {
  streams: [STREAM.partitions, STREAM.results, STREAM.events],
  consumers: [EXECUTORS],
};

export type SettlementLink = {
  readonly accounts: SettledAccounts;
  /** Runs until the signal aborts. */
  readonly followProgress: (onProgress: (progress: Progress) => void, signal: AbortSignal) => Promise<void>;
  /** In base58. */
  readonly readSetAside: (signal: AbortSignal) => Promise<ReadonlySet<string>>;
};

export type ExecuteRoleParts = {
  readonly messaging: Messaging;
  readonly settlement: SettlementLink;
  readonly runtime: SvmRuntime;
  readonly trial: Trial;
  readonly identity: KeyPair;
  readonly limits: {
    readonly heldMax: number;
    readonly cachedAccountsMax: number;
    readonly compareEvery: number;
  };
  readonly telemetry: ExecutorTelemetry;
  readonly health: Health;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts when draining begins. */
  readonly signal: AbortSignal;
  readonly fail: (error: unknown) => void;
};

export type RunningRole = {
  readonly figures: () => ExecutorFigures;
  /** After the signal has aborted: resolves when what ran is published, and the rest given back. */
  readonly drain: () => Promise<void>;
};

const TICK_MS = 200;
const STANDING_MS = 2_000;
/** More than can be unsettled: a restarted executor finds the versions that were made before. */
const RESULTS_REPLAYED = 4_096;
const RESCAN_PAUSE_MS = 5_000;
const RESULT_REFUSED = "mira.settlement.result.refused.v1";

/** `messaging` has declared EXECUTE_TOPOLOGY. */
export async function startExecuteRole(parts: ExecuteRoleParts): Promise<RunningRole> {
  return new ExecuteRole(parts).start();
}

class ExecuteRole {
  readonly #parts: ExecuteRoleParts;
  readonly #id: string;
  readonly #cache: VersionCache<AccountValue>;
  readonly #origins = new ResultOrigins();
  readonly #results: StreamWatermark;
  readonly #refusals: StreamWatermark;
  readonly #publisher: ResultPublisher;
  readonly #execution: PartitionExecution;
  readonly #runner: PartitionRunner;
  /** Aborts earlier than the drain when settlement has set this executor aside. */
  readonly #pulling = new AbortController();
  #progress: Progress = { settledBatches: 0, settledSequence: 0, finalizedBatches: 0 };
  #setAside: ReadonlySet<string> = new Set();
  #scannedAt = -RESCAN_PAUSE_MS;

  constructor(parts: ExecuteRoleParts) {
    const { messaging, identity, limits, signal, logger, clock, runtime } = parts;
    this.#parts = parts;
    this.#id = encodeBase58(identity.publicKey);
    this.#cache = new VersionCache({ accountsMax: limits.cachedAccountsMax });
    this.#results = createWatermark(messaging, STREAM.results.name);
    this.#refusals = createWatermark(messaging, STREAM.events.name);
    this.#publisher = new ResultPublisher({
      results: { publish: (outgoing) => this.#publish(outgoing) },
      logger,
    });
    const fetcher = new InputFetcher({
      settled: parts.settlement.accounts,
      logger,
      signal,
      onFound: (account) => this.#runner.supplySettled(account),
    });
    this.#execution = new PartitionExecution({
      ...parts,
      compareEvery: limits.compareEvery,
      publisher: this.#publisher,
      onDivergence: parts.fail,
    });
    this.#runner = new PartitionRunner({
      execution: this.#execution,
      cache: this.#cache,
      fetcher,
      watermarks: [this.#results, this.#refusals],
      progress: () => this.#progress,
      executorId: identity.publicKey,
      runtimeId: runtime.runtimeId,
      heldMax: limits.heldMax,
      clock,
      logger,
      signal,
      onStuck: () => void this.#scanResults(),
    });
  }

  async start(): Promise<RunningRole> {
    const { messaging, settlement, limits, signal, fail } = this.#parts;
    const start = await this.#findStart();
    signal.addEventListener("abort", () => this.#pulling.abort(), { once: true });
    const { stream, durable } = EXECUTORS;
    const running = [
      settlement.followProgress((progress) => this.#onProgress(progress), signal),
      this.#followResults(start.results),
      this.#followRefusals(start.refusals),
      this.#watchStanding(),
      this.#tick(),
      messaging.hold({ stream, durable, heldMax: limits.heldMax, signal: this.#pulling.signal }, (message) =>
        this.#runner.accept(message),
      ),
    ];
    for (const part of running) part.catch(fail);
    return {
      figures: () => this.#describe(),
      drain: async () => {
        await this.#runner.drain();
        await this.#publisher.drain();
        await Promise.allSettled(running);
      },
    };
  }

  async #publish(outgoing: readonly OutgoingResult[]): Promise<void> {
    const subject = SUBJECT.partitionExecuted;
    await this.#parts.messaging.publishMany(outgoing.map((result) => ({ ...result, subject })));
  }

  #onProgress(progress: Progress): void {
    this.#progress = progress;
    this.#cache.settle(progress.settledSequence);
    this.#origins.settle(progress.settledBatches);
  }

  /** Results from some way back, refusals from now on: nothing is cached yet that they could refuse. */
  async #findStart(): Promise<{ results: number; refusals: number }> {
    const { messaging } = this.#parts;
    const results = await messaging.readStreamState(STREAM.results.name);
    const events = await messaging.readStreamState(STREAM.events.name);
    const next = (results?.lastSequence ?? 0) + 1;
    return {
      results: Math.max(results?.firstSequence ?? 1, next - RESULTS_REPLAYED, 1),
      refusals: (events?.lastSequence ?? 0) + 1,
    };
  }

  #followResults(sequence: number): Promise<void> {
    const { messaging, signal } = this.#parts;
    this.#results.startAt(sequence);
    return messaging.follow(
      { stream: STREAM.results.name, from: { sequence }, signal, onReset: () => this.#results.reset() },
      (message) => {
        this.#onResult(message.payload);
        this.#results.advance(message.sequence, message.publishedAt);
      },
    );
  }

  /** All events are read, so that the watermark means something; of most only the subject is looked at. */
  #followRefusals(sequence: number): Promise<void> {
    const { messaging, signal, logger } = this.#parts;
    const forget = (key: string, version: number): void => this.#cache.forget(key, version);
    const parts = { origins: this.#origins, executorId: this.#id, forget, logger };
    this.#refusals.startAt(sequence);
    return messaging.follow(
      { stream: STREAM.events.name, from: { sequence }, signal, onReset: () => this.#refusals.reset() },
      (message) => {
        if (message.subject === RESULT_REFUSED) reactToResultRefused(message.payload, parts);
        this.#refusals.advance(message.sequence, message.publishedAt);
      },
    );
  }

  #onResult(payload: Uint8Array): void {
    reactToPartitionExecuted(payload, {
      origins: this.#origins,
      executorId: this.#parts.identity.publicKey,
      isSetAside: (executorId) => this.#setAside.has(executorId),
      supply: (key, version, value) => this.#runner.supply(key, version, value),
      logger: this.#parts.logger,
    });
  }

  /** Reads all results that are left once more: what is waited for came before this process, or was dropped from the cache. */
  async #scanResults(): Promise<void> {
    if (performance.now() - this.#scannedAt < RESCAN_PAUSE_MS) return;
    this.#scannedAt = performance.now();
    const { messaging, logger, signal } = this.#parts;
    const state = await messaging.readStreamState(STREAM.results.name).catch(() => undefined);
    if (state === undefined || state.messages === 0) return;
    const scanned = new AbortController();
    const either = AbortSignal.any([scanned.signal, signal]);
    logger.warn({ results: state.messages }, "partitions wait for versions; all results are read again");
    await messaging.follow({ stream: STREAM.results.name, from: "all", signal: either }, (message) => {
      this.#onResult(message.payload);
      if (message.sequence >= state.lastSequence) scanned.abort();
    });
  }

  /** An executor that settlement has set aside takes no more work: it would only be refused. */
  async #watchStanding(): Promise<void> {
    const { settlement, signal, logger, health } = this.#parts;
    do {
      try {
        this.#setAside = await settlement.readSetAside(signal);
      } catch {
        continue; // what was known last stands
      }
      const isAside = this.#setAside.has(this.#id);
      health.setReady("standing", !isAside, isAside ? "set aside by settlement" : "");
      if (!isAside || this.#pulling.signal.aborted) continue;
      logger.error({ alert: true, executorId: this.#id }, "settlement has set this executor aside");
      this.#pulling.abort();
    } while (await delay(STANDING_MS, signal));
  }

  async #tick(): Promise<void> {
    while (await delay(TICK_MS, this.#parts.signal)) this.#runner.tick();
  }

  #describe(): ExecutorFigures {
    return {
      partitionsExecuted: this.#execution.partitions,
      transactionsExecuted: this.#execution.transactions,
      batchesReexecuted: 0,
      partitionsWaiting: this.#runner.waitingCount,
      accountsCached: this.#cache.size,
    };
  }
}

function createWatermark(messaging: Messaging, stream: string): StreamWatermark {
  return new StreamWatermark({
    readLastSequence: async () => (await messaging.readStreamState(stream))?.lastSequence ?? 0,
  });
}
