/** One leader's time in office: everything that lives between winning the lease and losing it. */
import { delay, refuse, RefusalError, type Refusal } from "@mira/primitives";
import type { VerifierPool } from "@mira/runtime/signatures";
import type { Tracer } from "@opentelemetry/api";
import { AccountReader } from "../api/account-reader.ts";
import { Admission } from "../api/admission.ts";
import { LookupTables } from "../api/lookup-tables.ts";
import type { RuntimeRules } from "../api/prepare.ts";
import { ProgramDirectory } from "../api/programs.ts";
import { SessionCache } from "../api/session-cache.ts";
import { BlockhashWindow, computeSlot, type SlotClock } from "../domain/blockhash-window.ts";
import { ExecutionCosts } from "../domain/execution-cost.ts";
import { OrderWindow, type OrderLimits } from "../domain/order-window.ts";
import { Partitioner, type PartitionerOptions } from "../domain/partitioner.ts";
import { PayerFunds, type PayerFundsOptions } from "../domain/payer-funds.ts";
import type { SealingPolicy } from "../domain/sealing-policy.ts";
import type { Admitted, BatchStore, Clock, Logger, Outlet, Sessions, Settlement } from "../ports.ts";
import type { SequencerMetrics } from "../telemetry.ts";
import { Publisher } from "./publisher.ts";
import { restore } from "./restore.ts";
import { Sealer } from "./sealer.ts";

const PUBLISH_PATIENCE_MS = 2_000;

export type TermSettings = {
  readonly slotClock: SlotClock;
  readonly order: OrderLimits;
  readonly sealing: SealingPolicy;
  readonly partitioner: PartitionerOptions;
  readonly funds: PayerFundsOptions;
  /** Accounts being read from settlement at once. */
  readonly accountReadsMax: number;
  readonly stallMs: number;
};

export type TermDependencies = {
  readonly settings: TermSettings;
  /** Fenced by this term's lease. */
  readonly store: BatchStore;
  readonly outlet: Outlet;
  readonly settlement: Settlement;
  readonly sessions: Sessions;
  readonly verifier: Pick<VerifierPool, "verify">;
  readonly runtimeId: Uint8Array;
  readonly runtime: RuntimeRules;
  /** A slot's blockhash as 32 latin1 characters. */
  readonly deriveBlockhash: (slot: number) => string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tracer: Tracer;
  readonly metrics: SequencerMetrics;
  readonly epoch: number;
  /** Aborts when the lease is lost or the service stops. */
  readonly signal: AbortSignal;
};

export type Term = {
  readonly epoch: number;
  readonly admission: Admission;
  readonly window: OrderWindow<Admitted>;
  readonly publisher: Publisher;
  readonly blockhashes: BlockhashWindow;
  /** Follows the clock into the present slot. */
  readonly tick: () => void;
  /** Batches below this are settled; goes forward only. */
  readonly settle: (settledBatches: number) => void;
  readonly endSession: (sessionId: string) => void;
  /** What a transaction used; weighs the next ones of its program. */
  readonly observe: (batchNumber: number, sequence: number, computeUnits: number) => void;
  /** Takes nothing new, seals what is queued and gives its publication a moment; the next leader publishes the rest. */
  readonly drain: () => Promise<void>;
  /** Resolves when the term is over; the error, if that is why. */
  readonly ended: Promise<unknown>;
};

/** Resolves when the order can be continued: everything sequenced before is known, and what is unsettled is being published again. */
export async function beginTerm(deps: TermDependencies): Promise<Term> {
  const { settings, store, settlement, clock, signal } = deps;
  const parts = createParts(deps);
  const { window, funds, costs, blockhashes, programs, tables } = parts;
  const settledBatches = await settlement.readSettledBatches();
  for (const program of await readPrograms(store, settlement)) programs.learn(program);
  const restored = await restore({ store, window, blockhashes, funds, costs, settledBatches });

  const over = Promise.withResolvers<unknown>();
  signal.addEventListener("abort", () => over.resolve(undefined), { once: true });
  // The lease may have been lost while the order was restored: then no event comes any more.
  if (signal.aborted) over.resolve(undefined);
  const doors: Doors = { isDraining: false, isFailed: false };
  const publisher = new Publisher({
    ...deps,
    stallMs: settings.stallMs,
    republished: deps.metrics.republished,
  });
  const sealer = new Sealer(
    {
      ...deps,
      window,
      blockhashes,
      policy: settings.sealing,
      sealed: (work) => publisher.add(work),
      failed: (error) => {
        doors.isFailed = true;
        over.resolve(error);
      },
    },
    restored.parentHash,
  );
  for (const work of restored.work) publisher.add(work);
  const tick = () => {
    if (blockhashes.advance(computeSlot(settings.slotClock, clock.now())))
      window.duplicates.expireBefore(blockhashes.oldestSlot);
  };
  const admission = new Admission({
    ...deps,
    ...parts,
    arriving: sealer.arriving,
    tick,
    findClosed: () => findClosed(doors, signal),
  });
  void publisher.run();
  void publisher.watch();
  void over.promise.then((error) => failQueued(window, error));
  return {
    epoch: deps.epoch,
    admission,
    window,
    publisher,
    blockhashes,
    tick,
    settle: (settled) => {
      // Tables are few and writes are many: with none known there is nothing to look for.
      window.settle(settled, tables.size === 0 ? undefined : (key) => tables.forget(key));
      publisher.settle(settled);
    },
    endSession: (id) => parts.sessionCache.forget(id),
    observe: (batchNumber, sequence, computeUnits) => {
      const program = window.findProgram(batchNumber, sequence);
      if (program !== undefined) costs.observe(program, computeUnits);
    },
    drain: async () => {
      doors.isDraining = true;
      await Promise.race([sealer.drain(), over.promise]);
      const patience = AbortSignal.timeout(PUBLISH_PATIENCE_MS);
      while (publisher.backlog > 0 && (await delay(10, patience))) continue;
    },
    ended: over.promise,
  };
}

/** Once in a network's life settlement is asked, for what was there at genesis; after that every deployment passes by here. */
async function readPrograms(store: BatchStore, settlement: Settlement): Promise<string[]> {
  const known = await store.readPrograms();
  if (known !== undefined) return known;
  const programs = await settlement.readPrograms();
  await store.savePrograms(programs);
  return programs;
}

type Doors = { isDraining: boolean; isFailed: boolean };

function findClosed(doors: Doors, signal: AbortSignal): Refusal | undefined {
  if (doors.isDraining) return refuse("DRAINING", "The service is stopping.");
  if (doors.isFailed || signal.aborted) return refuse("NOT_LEADER", "The lease was lost.");
  return undefined;
}

/** Nobody may wait for a batch that this leader will not seal. */
function failQueued(window: OrderWindow<Admitted>, cause: unknown): void {
  const refusal = refuse("NOT_LEADER", "The leader stepped down before the batch was sealed.");
  const error = new RefusalError(refusal, { cause });
  for (const { ticket } of window.dropQueue()) ticket.failed(error);
}

function createParts({ settings, settlement, sessions, clock, deriveBlockhash }: TermDependencies) {
  const blockhashes = new BlockhashWindow(deriveBlockhash);
  blockhashes.advance(computeSlot(settings.slotClock, clock.now()));
  const funds = new PayerFunds(settings.funds);
  const partitioner = new Partitioner(settings.partitioner);
  const window = new OrderWindow<Admitted>({ limits: settings.order, funds, blockhashes, partitioner });
  const keysMax = settings.accountReadsMax;
  const tableReader = new AccountReader({ settlement, withData: true, keysMax });
  return {
    blockhashes,
    funds,
    window,
    costs: new ExecutionCosts(),
    programs: new ProgramDirectory(),
    tables: new LookupTables(tableReader, () => window.settledBatches),
    accounts: new AccountReader({ settlement, withData: false, keysMax }),
    sessionCache: new SessionCache(sessions),
  };
}
