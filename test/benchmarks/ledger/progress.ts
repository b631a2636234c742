/** What settlement says about how far each stage has come, with the instant it was heard here. */
import type { settlement } from "@mira/api";
import type { LedgerClient } from "@mira/client";
import type { Reached } from "./stage-latencies.ts";

export type ReportedStage = "executed" | "settled" | "finalized";

export type ProgressWatch = {
  /** Since the last `forget`, one point per change. */
  readonly timeline: (stage: ReportedStage) => readonly Reached[];
  readonly settledBatches: () => number;
  readonly forget: () => void;
  /** Resolves with the instant at which all sequence numbers below `upTo` had got there; throws when `signal` aborts first. */
  readonly waitFor: (stage: ReportedStage, upTo: number, signal: AbortSignal) => Promise<number>;
};

type Waiter = {
  readonly stage: ReportedStage;
  readonly upTo: number;
  readonly resolve: (at: number) => void;
};

export class ProgressStopped extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ProgressStopped";
  }
}

/** Runs until `signal` aborts. */
export function watchProgress(ledger: LedgerClient, signal: AbortSignal): ProgressWatch {
  const stages: readonly ReportedStage[] = ["executed", "settled", "finalized"];
  const latest: Record<ReportedStage, number> = { executed: 0, settled: 0, finalized: 0 };
  const timelines: Record<ReportedStage, Reached[]> = { executed: [], settled: [], finalized: [] };
  const waiters = new Set<Waiter>();
  let settledBatches = 0;
  const note = (stage: ReportedStage, upTo: number, at: number): void => {
    if (upTo <= latest[stage]) return;
    latest[stage] = upTo;
    timelines[stage].push({ at, upTo });
    for (const waiter of waiters)
      if (waiter.stage === stage && waiter.upTo <= upTo) {
        waiters.delete(waiter);
        waiter.resolve(at);
      }
  };
  void follow(ledger, signal, (progress) => {
    const at = performance.now();
    settledBatches = Number(progress.settledBatches);
    note("executed", Number(progress.executedSequence), at);
    note("settled", Number(progress.settledSequence), at);
    note("finalized", Number(progress.finalizedSequence), at);
  });
  return {
    timeline: (stage) => timelines[stage],
    settledBatches: () => settledBatches,
    forget: () => stages.forEach((stage) => (timelines[stage] = [])),
    waitFor(stage, upTo, until) {
      if (latest[stage] >= upTo) return Promise.resolve(performance.now());
      return new Promise((resolve, reject) => {
        const waiter: Waiter = { stage, upTo, resolve };
        waiters.add(waiter);
        until.addEventListener("abort", () => {
          if (waiters.delete(waiter))
            reject(new ProgressStopped(`${stage}: ${upTo} needed in time, ${latest[stage]} reached`));
        });
      });
    },
  };
}

/** A stream that breaks is opened again: its first message says where things stand. */
async function follow(
  ledger: LedgerClient,
  signal: AbortSignal,
  hear: (progress: settlement.WatchProgressResponse) => void,
): Promise<void> {
  while (!signal.aborted)
    try {
      for await (const progress of ledger.watchProgress({ signal })) hear(progress);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
    }
}

const REOPEN_MS = 100;
