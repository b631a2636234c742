import assert from "node:assert/strict";
import { test } from "node:test";
import { refuse, RefusalError, succeed } from "@mira/primitives";
import { decodeSealedBatch } from "@mira/runtime/wire";
import { eventually } from "@mira/testing";
import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { BlockhashWindow } from "../domain/blockhash-window.ts";
import { OrderWindow, type Candidate } from "../domain/order-window.ts";
import { Partitioner } from "../domain/partitioner.ts";
import { PayerFunds } from "../domain/payer-funds.ts";
import type { Admitted, BatchStore, SealedAppend, Ticket } from "../ports.ts";
import { Sealer } from "./sealer.ts";
import type { SealedWork } from "./unsettled-work.ts";

const LINGER_MS = 30;
type Append = BatchStore["append"];

function createSealer(append: Append) {
  const funds = new PayerFunds({ trustMs: 1_000, brokeMs: 100, payersMax: 100 });
  const blockhashes = new BlockhashWindow((slot) => `slot ${slot}`);
  blockhashes.advance(5);
  const partitioner = new Partitioner({
    lanes: 2,
    limits: { transactionsMax: 256, bytesMax: 1_000_000 },
    costs: { partitionUs: 100, hopUs: 100 },
  });
  const limits = {
    batchTransactionsMax: 4,
    batchBytesMax: 10_000,
    queuedMax: 64,
    speculationMax: 16,
    accountsMax: 1_000,
    accountBudgetUs: 1e9,
    retryAfterMs: 10,
  };
  const window = new OrderWindow<Admitted>({ limits, funds, blockhashes, partitioner });
  const stopping = new AbortController();
  const sealed: SealedWork[] = [];
  const failures: unknown[] = [];
  const sealer = new Sealer(
    {
      window,
      blockhashes,
      policy: { transactionsMax: 4, bytesMax: 10_000, lingerMs: LINGER_MS },
      store: { append },
      runtimeId: new Uint8Array(32),
      clock: { now: Date.now },
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      tracer: trace.getTracer("test"),
      metrics: { refused: () => undefined, sealed: () => undefined, republished: () => undefined },
      signal: stopping.signal,
      sealed: (work) => sealed.push(work),
      failed: (error) => failures.push(error),
    },
    new Uint8Array(32),
  );
  return { window, sealer, sealed, failures, stopping };
}

let messages = 0;
function queue(window: OrderWindow<Admitted>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const ticket: Ticket = {
    sequences: new Float64Array(1),
    remaining: 1,
    context: ROOT_CONTEXT,
    sequenced: () => resolve(ticket.sequences[0] ?? -1),
    failed: reject,
  };
  const id = `message ${++messages}`;
  const candidate: Candidate = {
    locks: [{ key: id.padEnd(32, "."), writable: true }],
    payer: id,
    feeLamports: 1,
    costUs: 25,
    program: undefined,
    bytes: 100,
    messageHash: id,
    signature: id,
    blockhashSlot: 5,
    tables: [],
  };
  const item = { record: { wire: new Uint8Array(100) }, deploys: [], ticket, index: 0 };
  assert.equal(window.admit(candidate, item, Date.now()), undefined);
  return promise;
}

test("alone, a transaction is sealed at once; with others on their way it waits for them, but not for ever", async () => {
  const { window, sealer, sealed } = createSealer(() => Promise.resolve(succeed(undefined)));
  const alone = queue(window);
  sealer.wake();
  assert.equal(await alone, 0);
  sealer.arriving(5);
  const startedAt = performance.now();
  const waiting = [queue(window), queue(window)];
  sealer.arriving(-2);
  assert.deepEqual(await Promise.all(waiting), [1, 2]);
  assert.ok(performance.now() - startedAt >= LINGER_MS - 2);
  assert.equal(sealed.length, 2, "one batch for both");
});

test("one commit at a time; what comes meanwhile is the next batch, chained to the one before", async () => {
  const commits: (() => void)[] = [];
  const append: Append = () =>
    new Promise((resolve) => {
      commits.push(() => resolve(succeed(undefined)));
    });
  const { window, sealer, sealed } = createSealer(append);
  const first = queue(window);
  sealer.wake();
  const later = [queue(window), queue(window)];
  sealer.wake();
  assert.equal(commits.length, 1);
  commits[0]?.();
  assert.equal(await first, 0);
  await eventually(() => commits.length === 2);
  commits[1]?.();
  assert.deepEqual(await Promise.all(later), [1, 2]);
  const [one, two] = sealed.map(({ bytes }) => decodeSealedBatch(bytes).header);
  assert.notDeepEqual(two?.parentHash, one?.parentHash);
  assert.equal(two?.firstSequence, 1);
});

test("a commit that does not answer is tried again as the same batch", async () => {
  const appends: SealedAppend[] = [];
  const { window, sealer } = createSealer((append) => {
    appends.push(append);
    return appends.length < 3
      ? Promise.reject(new Error("the connection broke"))
      : Promise.resolve(succeed(undefined));
  });
  const waiting = queue(window);
  sealer.wake();
  assert.equal(await waiting, 0);
  assert.equal(new Set(appends.map(({ id }) => id)).size, 1);
  assert.equal(new Set(appends.map(({ bytes }) => bytes)).size, 1);
});

test("a leader that was fenced off tells its callers and ends", async () => {
  const { window, sealer, sealed, failures } = createSealer(() =>
    Promise.resolve(refuse("NOT_LEADER", "another epoch")),
  );
  const waiting = queue(window);
  sealer.wake();
  await assert.rejects(
    waiting,
    (error: unknown) => error instanceof RefusalError && error.refusal.code === "NOT_LEADER",
  );
  assert.equal(failures.length, 1);
  assert.equal(sealed.length, 0);
});

test("losing the lease ends the tries of a commit", async () => {
  const { window, sealer, stopping } = createSealer(() => Promise.reject(new Error("the connection broke")));
  const waiting = queue(window);
  sealer.wake();
  stopping.abort();
  await assert.rejects(waiting, /NOT_LEADER/);
});

test("draining seals what is queued, lingering or not", async () => {
  const { window, sealer } = createSealer(() => Promise.resolve(succeed(undefined)));
  sealer.arriving(10);
  const waiting = queue(window);
  await sealer.drain();
  assert.equal(await waiting, 0);
});
