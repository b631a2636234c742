/** A leader on real Postgres and NATS, with settlement and sessions as tables that a test fills. */
import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createPool } from "@mira/chassis";
import { acquireLease, openEventStore, type Lease } from "@mira/event-store";
import { connectMessaging, STREAM, type Messaging } from "@mira/messaging";
import { createKeyPair, refuse, succeed, type KeyPair, type Result } from "@mira/primitives";
import { encodeTransaction, fixtureKey, type FixtureInstruction } from "@mira/runtime/fixtures";
import { createVerifierPool } from "@mira/runtime/signatures";
import {
  accountKey,
  decodePartition,
  decodeSealedBatch,
  type Partition,
  type SealedBatch,
} from "@mira/runtime/wire";
import { trace } from "@opentelemetry/api";
import type { SubmitOutcome } from "../src/api/admission.ts";
import { toTermSettings, type SequencerConfig } from "../src/config.ts";
import { createOutlet } from "../src/connections.ts";
import type {
  AccountsRead,
  BudgetRequest,
  Outlet,
  Sessions,
  SessionView,
  SettledAccount,
  Settlement,
} from "../src/ports.ts";
import { createBatchStore } from "../src/store/batch-store.ts";
import { beginTerm, type Term, type TermSettings } from "../src/workers/term.ts";

const SCHEMA = "sequencer";
const SYSTEM_PROGRAM = new Uint8Array(32);
export const GENESIS_AT = Date.UTC(2026, 0, 1);
/** Longer than a test: nobody renews it. */
const LEASE_TTL_MS = 120_000;

export const SETTINGS: TermSettings = toTermSettings({
  genesisAt: GENESIS_AT,
  slotMs: 400,
  lanes: 4,
  batchTransactionsMax: 256,
  batchBytesMax: 512 * 1_024,
  lingerMs: 5,
  queuedMax: 1_024,
  speculationMax: 8,
  accountBudgetMs: 2_000,
  stallMs: 60_000,
  balanceTrustMs: 2_000,
} as SequencerConfig);

export class StubSettlement implements Settlement {
  readonly accounts = new Map<string, SettledAccount>();
  readonly keysRead: string[] = [];
  settledBatches = 0;
  programs: string[] = [];

  fund(key: Uint8Array, lamports = 1_000_000_000n): void {
    this.set(key, { lamports });
  }

  set(key: Uint8Array, change: Partial<SettledAccount>): void {
    this.accounts.set(accountKey(key), {
      exists: true,
      lamports: 1n,
      owner: SYSTEM_PROGRAM,
      executable: false,
      data: new Uint8Array(0),
      ...change,
    });
  }

  readonly readAccounts = (keys: readonly Uint8Array[]): Promise<AccountsRead> => {
    const absent = {
      exists: false,
      lamports: 0n,
      owner: SYSTEM_PROGRAM,
      executable: false,
      data: new Uint8Array(0),
    };
    this.keysRead.push(...keys.map((key) => accountKey(key)));
    return Promise.resolve({
      accounts: keys.map((key) => this.accounts.get(accountKey(key)) ?? absent),
      settledBatches: this.settledBatches,
    });
  };

  readonly readSettledBatches = (): Promise<number> => Promise.resolve(this.settledBatches);
  readonly readPrograms = (): Promise<string[]> => Promise.resolve(this.programs);
}

export class StubSessions implements Sessions {
  readonly views = new Map<string, SessionView>();
  readonly reserved: BudgetRequest[] = [];
  readonly released: string[] = [];
  limitLamports = 1_000_000n;

  readonly readSession = (id: string): Promise<Result<SessionView>> => {
    const view = this.views.get(id);
    return Promise.resolve(
      view === undefined ? refuse("SESSION_NOT_FOUND", "no such session") : succeed(view),
    );
  };

  readonly reserveBudget = (request: BudgetRequest): Promise<Result<undefined>> => {
    const amount = readTransfers(request).reduce((sum, lamports) => sum + lamports, request.feeLamports);
    if (amount > this.limitLamports) return Promise.resolve(refuse("SESSION_LIMIT_EXCEEDED", "too much"));
    this.reserved.push(request);
    return Promise.resolve(succeed(undefined));
  };

  readonly releaseBudget = ({ reason }: { reason: string }): Promise<void> => {
    this.released.push(reason);
    return Promise.resolve();
  };
}

/** Lamports of each System transfer: the last eight of its twelve bytes. */
export function readTransfers({ instructions }: BudgetRequest): readonly bigint[] {
  return instructions.flatMap(({ data }) =>
    data.length === 12 ? [Buffer.from(data).readBigUInt64LE(4)] : [],
  );
}

export type OpenedSequencer = {
  readonly term: Term;
  readonly lease: Lease;
  readonly messaging: Messaging;
  readonly settlement: StubSettlement;
  readonly sessions: StubSessions;
  readonly submit: (
    wires: readonly Uint8Array[],
    sessionIds?: ReadonlyMap<number, string>,
  ) => Promise<SubmitOutcome>;
  readonly blockhash: () => Uint8Array;
  /** Ends without draining, as a crash does; the lease is given up so that the next need not wait. */
  readonly crash: () => Promise<void>;
};

export async function openSequencer(options: {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly settlement?: StubSettlement;
  readonly sessions?: StubSessions;
  readonly settings?: Partial<TermSettings>;
  /** Stands between the term and NATS. */
  readonly wrapOutlet?: (outlet: Outlet) => Outlet;
  readonly leaseTtlMs?: number;
}): Promise<OpenedSequencer> {
  const {
    settlement = new StubSettlement(),
    sessions = new StubSessions(),
    wrapOutlet = (outlet: Outlet) => outlet,
  } = options;
  const pool = createPool(options.databaseUrl, { max: 6 });
  const events = openEventStore({ pool, schema: SCHEMA });
  await events.migrate();
  const ended = new AbortController();
  const messaging = await connectMessaging({ url: options.natsUrl, name: "test", signal: ended.signal });
  const outlet = createOutlet(messaging);
  await outlet.declare();
  const lease = await waitForLease(pool, options.leaseTtlMs ?? LEASE_TTL_MS);
  const verifier = createVerifierPool({ threads: 1, queueLimit: 4_096 });
  const term = await beginTerm({
    settings: { ...SETTINGS, ...options.settings },
    store: createBatchStore(events, lease.fence),
    outlet: wrapOutlet(outlet),
    settlement,
    sessions,
    verifier,
    runtimeId: fixtureKey("runtime"),
    runtime: {
      refusedPrograms: new Set([accountKey(fixtureKey("refused program"))]),
      isRuntimeAccount: isRuntimeKey,
    },
    deriveBlockhash: (slot) => createHmac("sha256", "test").update(String(slot)).digest().toString("latin1"),
    clock: { now: Date.now },
    logger: SILENT,
    tracer: trace.getTracer("test"),
    metrics: { refused: () => undefined, sealed: () => undefined, republished: () => undefined },
    epoch: lease.epoch,
    signal: AbortSignal.any([ended.signal, lease.lost]),
  });
  return {
    term,
    lease,
    messaging,
    settlement,
    sessions,
    submit: (wires, sessionIds = new Map()) => term.admission.submit(wires, sessionIds),
    blockhash: () => {
      term.tick();
      return Buffer.from(term.blockhashes.latest().blockhash, "latin1");
    },
    crash: async () => {
      ended.abort();
      await lease.release().catch(() => undefined);
      await verifier.close();
      await messaging.close();
      await pool.end();
    },
  };
}

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const RUNTIME_KEYS = new Set([accountKey(SYSTEM_PROGRAM), accountKey(fixtureKey("runtime account"))]);
const isRuntimeKey = (key: string) => RUNTIME_KEYS.has(key);

async function waitForLease(pool: ReturnType<typeof createPool>, ttlMs: number): Promise<Lease> {
  for (;;) {
    const lease = await acquireLease({
      pool,
      schema: SCHEMA,
      name: "sequencer",
      holder: "test",
      ttlMs,
    });
    if (lease !== undefined) return lease;
    await sleep(50);
  }
}

export const PAYERS: readonly KeyPair[] = Array.from({ length: 16 }, (_, index) =>
  createKeyPair(fixtureKey(`payer ${index}`)),
);

/** A signed System transfer from a payer; amounts keep like transfers apart. */
export function createTransfer(options: {
  readonly blockhash: Uint8Array;
  readonly payer?: KeyPair;
  readonly to?: Uint8Array;
  readonly lamports?: number;
  readonly signer?: KeyPair;
  readonly more?: FixtureInstruction[];
}): Uint8Array {
  const [first] = PAYERS;
  const payer = options.payer ?? first ?? createKeyPair();
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2);
  data.writeBigUInt64LE(BigInt(options.lamports ?? 1), 4);
  const accounts = [
    { key: payer.publicKey, isSigner: true, isWritable: true },
    { key: options.to ?? fixtureKey("recipient"), isWritable: true },
  ];
  const signer = options.signer ?? payer;
  return encodeTransaction({
    payer: payer.publicKey,
    blockhash: options.blockhash,
    instructions: [...(options.more ?? []), { programId: SYSTEM_PROGRAM, accounts, data }],
    signers: [{ ...signer, publicKey: payer.publicKey }],
  });
}

/** What is in the streams now. Partitions are taken from the work queue, as an executor takes them. */
export async function readPublished(
  messaging: Messaging,
): Promise<{ batches: SealedBatch[]; partitions: Partition[] }> {
  const batches: SealedBatch[] = [];
  const partitions: Partition[] = [];
  const done = new AbortController();
  if ((await countMessages(messaging, STREAM.batches.name)) > 0)
    await messaging.follow(
      { stream: STREAM.batches.name, from: "all", signal: done.signal },
      ({ payload, pending }) => {
        batches.push(decodeSealedBatch(payload));
        if (pending === 0) done.abort();
      },
    );
  const work = { stream: STREAM.partitions.name, durable: "executors" };
  const count = await countMessages(messaging, work.stream);
  if (count === 0) return { batches, partitions };
  await messaging.declare({
    streams: [],
    consumers: [{ ...work, ackWaitMs: 2_000, maxDeliver: 5, maxAckPending: 512 }],
  });
  const taken = new AbortController();
  await messaging.consume({ ...work, batch: 64, signal: taken.signal }, (messages) => {
    for (const message of messages) {
      partitions.push(decodePartition(message.payload));
      message.ack();
    }
    if (partitions.length >= count) taken.abort();
    return Promise.resolve();
  });
  return { batches, partitions };
}

async function countMessages(messaging: Messaging, stream: string): Promise<number> {
  return (await messaging.readStreamState(stream))?.messages ?? 0;
}
