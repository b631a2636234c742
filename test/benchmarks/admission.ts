/**
 * What the sequencer's own work costs per transaction: checks, queue, cut, bytes of batch and partitions. Signatures, Postgres and NATS
 * are left out: the verifier answers yes, the store and the streams answer at once.
 */
import { createHmac } from "node:crypto";
import { sha256 } from "../../packages/primitives/src/index.ts";
import { encodeTransaction, fixtureKey, transfer } from "../../packages/runtime/fixtures/index.ts";
import { accountKey, decodeTransaction } from "../../packages/runtime/src/wire/index.ts";
import { trace } from "@opentelemetry/api";
import { toTermSettings, type SequencerConfig } from "../../services/sequencer/src/config.ts";
import type { BatchStore, Outlet, Sessions, Settlement } from "../../services/sequencer/src/ports.ts";
import { beginTerm, type Term } from "../../services/sequencer/src/workers/term.ts";

const PER_CALL = 256;
const CALLS_PER_ROUND = 16;
const ROUNDS = 24;
const PAYERS = 2_048;

export type AdmissionReport = {
  readonly benchmark: "admission";
  readonly transactions: number;
  /** Median over rounds on warm code; CPU of the main thread, generating the transactions left out. */
  readonly usPerTransaction: number;
  readonly usPerTransactionBest: number;
  readonly batches: number;
  readonly messages: number;
};

export async function run(): Promise<AdmissionReport> {
  const counters = { messages: 0 };
  const stopping = new AbortController();
  const hashes = new Map<Uint8Array, Uint8Array>();
  const term = await openTerm(counters, hashes, stopping.signal);
  const payers = Array.from({ length: PAYERS }, (_, index) => fixtureKey(`payer ${index}`));
  const samples: number[] = [];
  for (let round = 0, next = 0; round < ROUNDS; round++) {
    const calls = Array.from({ length: CALLS_PER_ROUND }, () =>
      Array.from({ length: PER_CALL }, () => createTransfer(term, payers, next++)),
    );
    for (const wire of calls.flat()) hashes.set(wire, hashMessage(wire));
    const before = process.threadCpuUsage();
    const outcomes = await Promise.all(calls.map((wires) => term.admission.submit(wires, new Map())));
    while (term.publisher.backlog > 0) await new Promise((resolve) => setImmediate(resolve));
    term.settle(term.window.nextBatch);
    const { user, system } = process.threadCpuUsage(before);
    samples.push((user + system) / (CALLS_PER_ROUND * PER_CALL));
    if (outcomes.some(({ refusals }) => refusals.size > 0)) throw new Error("a transaction was refused");
    hashes.clear();
  }
  const warm = samples.slice(ROUNDS / 3).sort((left, right) => left - right);
  stopping.abort();
  return {
    benchmark: "admission",
    transactions: ROUNDS * CALLS_PER_ROUND * PER_CALL,
    usPerTransaction: round2(warm[warm.length >> 1] ?? 0),
    usPerTransactionBest: round2(warm[0] ?? 0),
    batches: term.window.nextBatch,
    messages: counters.messages,
  };
}

function createTransfer(term: Term, payers: readonly Uint8Array[], index: number): Uint8Array {
  const payer = payers[index % PAYERS] ?? new Uint8Array(32);
  const wire = encodeTransaction({
    payer,
    blockhash: Buffer.from(term.blockhashes.latest().blockhash, "latin1"),
    instructions: [transfer(payer, fixtureKey(`to ${index % 65_536}`), BigInt(index + 1))],
  });
  // Unsigned transfers would share one signature, which is what the duplicate check looks at first.
  Buffer.from(wire.buffer, wire.byteOffset, wire.length).writeBigUInt64LE(BigInt(index), 1);
  return wire;
}

function hashMessage(wire: Uint8Array): Uint8Array {
  const decoded = decodeTransaction(wire);
  return sha256(wire.subarray(decoded.ok ? decoded.value.messageOffset : 0));
}

async function openTerm(
  counters: { messages: number },
  hashes: ReadonlyMap<Uint8Array, Uint8Array>,
  signal: AbortSignal,
): Promise<Term> {
  const settings = toTermSettings({
    genesisAt: 0,
    slotMs: 400,
    lanes: 4,
    batchTransactionsMax: 1_024,
    batchBytesMax: 768 * 1_024,
    lingerMs: 10,
    queuedMax: 16_384,
    speculationMax: 64,
    accountBudgetMs: 2_000,
    stallMs: 60_000,
    balanceTrustMs: 60_000,
  } as SequencerConfig);
  return beginTerm({
    settings,
    store: STORE,
    outlet: {
      publish: (messages) => {
        counters.messages += messages.length;
        return Promise.resolve();
      },
      declare: () => Promise.resolve(),
    } satisfies Outlet,
    settlement: SETTLEMENT,
    sessions: SESSIONS,
    verifier: {
      verify: (transactions) =>
        Promise.resolve({
          ok: true,
          value: {
            valid: new Uint8Array(transactions.length).fill(1),
            hashes: Buffer.concat(transactions.map(({ wire }) => hashes.get(wire) ?? new Uint8Array(32))),
          },
        }),
    },
    runtimeId: new Uint8Array(32),
    runtime: { refusedPrograms: new Set(), isRuntimeAccount: (key) => key === SYSTEM },
    deriveBlockhash: (slot) => createHmac("sha256", "bench").update(String(slot)).digest().toString("latin1"),
    clock: { now: () => Date.now() },
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    tracer: trace.getTracer("bench"),
    metrics: { refused: () => undefined, sealed: () => undefined, republished: () => undefined },
    epoch: 1,
    signal,
  });
}

const SYSTEM = accountKey(new Uint8Array(32));
const STORE: BatchStore = {
  append: () => Promise.resolve({ ok: true, value: undefined }),
  countBatches: () => Promise.resolve(0),
  findBatch: () => Promise.resolve(undefined),
  readBatches: () => Promise.resolve([]),
  readPrograms: () => Promise.resolve([]),
  savePrograms: () => Promise.resolve(),
  readPublished: () => Promise.resolve(0),
  savePublished: () => Promise.resolve(),
};
const SETTLEMENT: Settlement = {
  readAccounts: (keys) =>
    Promise.resolve({
      accounts: keys.map(() => ({
        exists: true,
        lamports: 10n ** 15n,
        owner: new Uint8Array(32),
        executable: false,
        data: new Uint8Array(0),
      })),
      settledBatches: 0,
    }),
  readSettledBatches: () => Promise.resolve(0),
  readPrograms: () => Promise.resolve([]),
};
const unused = () => Promise.reject(new Error("no session is used"));
const SESSIONS: Sessions = { readSession: unused, reserveBudget: unused, releaseBudget: unused };

const round2 = (value: number) => Math.round(value * 100) / 100;

if (import.meta.main)
  console.log(JSON.stringify(await run(), undefined, process.argv.includes("--json") ? 0 : 2));
