/** The re-executor's three answers, over a real NATS: agree, disagree, and unable, which is never an answer. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { events } from "@mira/api";
import { connectMessaging, STREAM, type Messaging } from "@mira/messaging";
import {
  createKeyPair,
  encodeBase58,
  parseUnixMs,
  unwrap,
  verifyReexecutionAnswer,
  type BatchNumber,
  type Lamports,
  type UnixMs,
} from "@mira/primitives";
import { createSvmRuntime } from "@mira/runtime";
import { encodeTransaction, fixtureKey, transfer } from "@mira/runtime/fixtures";
import {
  accountKey,
  computeBatchHash,
  computeBatchResultHash,
  encodeSettledBatch,
  packOutcome,
  rowsOf,
  type AccountValue,
  type Receipt,
  type SealedBatch,
} from "@mira/runtime/wire";
import { eventually, useTestNats, type TestNats } from "@mira/testing";
import type { RunningRole } from "../src/execute-role.ts";
import { REEXECUTE_TOPOLOGY, startReexecuteRole } from "../src/reexecute-role.ts";
import { Sealing } from "./sealing.ts";

const SOL = 1_000_000_000n;
const NETWORK = "test";
const runtime = createSvmRuntime();
const people = Array.from({ length: 4 }, (_, index) => createKeyPair(fixtureKey(`seed-${index}`)));
let nats: TestNats;
let messaging: Messaging;
const ending = new AbortController();

before(async () => {
  nats = await useTestNats();
  messaging = await connectMessaging({ url: nats.url, name: "test", signal: ending.signal });
  await messaging.declare(REEXECUTE_TOPOLOGY);
});
after(async () => {
  ending.abort();
  await messaging.close();
  await nats.close();
});

/** A ledger that settlement would have: its batches really executed, its answers as a test wants them. */
class TestLedger {
  readonly sealing = new Sealing(runtime, new Map());
  readonly state = new Map<string, { version: number; value: AccountValue | undefined }>();
  readonly sealed = new Map<number, Uint8Array>();
  readonly settled = new Map<number, Uint8Array>();
  finalizedBatches = 0;
  /** What the snapshot shows; changed by tests that roll it back. */
  snapshot = new Map<string, { version: number; value: AccountValue | undefined }>();

  constructor() {
    for (const { publicKey } of people)
      this.state.set(accountKey(publicKey), { version: 0, value: person(100n * SOL) });
    this.snapshot = new Map(this.state);
  }

  /** Seals and settles a batch; `falsify` changes what settlement records. */
  settle(options: { forge?: boolean; falsify?: (receipts: Receipt[]) => Receipt[] } = {}): SealedBatch {
    const records = people.map((from, index) => {
      const to = people[(index + 1) % people.length] ?? from;
      const instructions = [transfer(from.publicKey, to.publicKey, BigInt(index + 1) * SOL)];
      const blockhash = fixtureKey(`${this.sealed.size}`);
      const signers = options.forge === true && index === 2 ? [] : [from];
      return { wire: encodeTransaction({ payer: from.publicKey, instructions, blockhash, signers }) };
    });
    const { batch } = this.sealing.seal(records, records.length);
    const inputs = new Map([...this.state].map(([key, { value }]) => [key, value]));
    const output = unwrap(runtime.execute(batch.header, inputs, batch.transactions));
    for (const { key, version, value } of output.writes) this.state.set(key, { version, value });
    this.sealed.set(batch.header.batchNumber, batch.bytes);
    this.settled.set(
      batch.header.batchNumber,
      packSettled(batch, { ...output, receipts: (options.falsify ?? same)([...output.receipts]) }),
    );
    return batch;
  }

  finalize(): void {
    this.finalizedBatches = this.settled.size;
    this.snapshot = new Map(this.state);
  }
}

function same(receipts: Receipt[]): Receipt[] {
  return receipts;
}

function person(lamports: bigint): AccountValue {
  const owner = new Uint8Array(32);
  return {
    lamports: lamports as Lamports,
    owner,
    executable: false,
    rentEpoch: 2n ** 64n - 1n,
    data: new Uint8Array(0),
  };
}

function packSettled(batch: SealedBatch, output: Parameters<typeof packOutcome>[0]): Uint8Array {
  const { receipts, writes } = packOutcome(output);
  const header = {
    batchNumber: batch.header.batchNumber,
    firstSequence: batch.header.firstSequence,
    batchHash: computeBatchHash(batch.bytes),
    executedAt: 1 as UnixMs,
    settledAt: 1 as UnixMs,
    receiptsRoot: new Uint8Array(32),
    writesRoot: new Uint8Array(32),
    resultHash: computeBatchResultHash(rowsOf(receipts), rowsOf(writes)),
    fees: output.receipts.reduce((sum, { fee }) => sum + fee, 0n) as Lamports,
  };
  return encodeSettledBatch(header, { receipts: rowsOf(receipts), writes: rowsOf(writes), executors: [] });
}

type Told = { batch: number; answer: events.Answer; reason: string };

/** Runs a re-executor of its own on the ledger until `until` holds of what it told. */
async function observe(ledger: TestLedger, until: (told: Told[]) => boolean): Promise<Told[]> {
  const identity = createKeyPair();
  const executorId = encodeBase58(identity.publicKey);
  const told: Told[] = [];
  const stop = new AbortController();
  const role = startRole(ledger, identity, stop.signal);
  const following = messaging.follow(
    { stream: STREAM.verdicts.name, from: "all", signal: stop.signal },
    ({ payload }) => {
      const answered = events.ReexecutionAnswered.decode(payload);
      if (answered.executorId !== executorId) return;
      assert.ok(isSigned(answered, identity.publicKey), "the answer's signature verifies");
      told.push({ batch: Number(answered.batchNumber), answer: answered.answer, reason: answered.reason });
    },
  );
  try {
    await eventually(() => until(told), { timeoutMs: 20_000 });
    return told;
  } finally {
    stop.abort();
    await Promise.all([role.drain(), following]);
  }
}

function startRole(
  ledger: TestLedger,
  identity: ReturnType<typeof createKeyPair>,
  signal: AbortSignal,
): RunningRole {
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  return startReexecuteRole({
    networkId: NETWORK,
    messaging,
    settlement: {
      followProgress: async (onProgress, until) => {
        while (!until.aborted) {
          const { finalizedBatches } = ledger;
          onProgress({ settledBatches: ledger.settled.size, settledSequence: 0, finalizedBatches });
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      },
    },
    ledger: {
      readSnapshot: async function* () {
        const accounts = [...ledger.snapshot].map(([key, account]) => ({ key, ...account }));
        yield await Promise.resolve({ finalizedBatches: ledger.finalizedBatches, accounts });
      },
      readSettled: (batchNumber) => Promise.resolve(ledger.settled.get(batchNumber)),
    },
    sealed: { readSealed: (batchNumber) => Promise.resolve(ledger.sealed.get(batchNumber)) },
    identity,
    telemetry: {
      tracePartition: (_header, work) => work({}),
      countExecuted: () => undefined,
      countReexecuted: () => undefined,
    },
    health: { setReady: () => undefined },
    clock: { now: () => parseUnixMs(Date.now()) },
    logger: silent,
    signal,
    fail: (error) => {
      throw error;
    },
  });
}

function isSigned(answered: events.ReexecutionAnswered, publicKey: Uint8Array): boolean {
  const words = {
    [events.Answer.AGREE]: "agree",
    [events.Answer.DISAGREE]: "disagree",
    [events.Answer.UNABLE]: "unable",
  } as const;
  const answer = words[answered.answer as keyof typeof words];
  const batchNumber = Number(answered.batchNumber) as BatchNumber;
  const { executorId, resultHash, reason, signature } = answered;
  const content = {
    networkId: NETWORK,
    batchNumber,
    executorId,
    answer,
    resultHash,
    reason,
    at: parseUnixMs(answered.atMs),
  };
  return verifyReexecutionAnswer(content, publicKey, signature);
}

const { AGREE, DISAGREE, UNABLE } = events.Answer;
const answersOf = (told: Told[]): [number, events.Answer][] =>
  told.map(({ batch, answer }) => [batch, answer]);

test("it agrees with batches that were executed as they say, signatures included", async () => {
  const ledger = new TestLedger();
  for (let batch = 0; batch < 3; batch++) ledger.settle();
  const told = await observe(ledger, ({ length }) => length >= 3);
  assert.deepEqual(answersOf(told), [
    [0, AGREE],
    [1, AGREE],
    [2, AGREE],
  ]);
});

test("#16 sui 22862: it disagrees with a receipt that execution does not give, and judges nothing after it", async () => {
  const ledger = new TestLedger();
  ledger.settle();
  ledger.settle({ falsify: (receipts) => receipts.map((receipt) => ({ ...receipt, computeUnits: 7 })) });
  ledger.settle();
  const told = await observe(ledger, (list) => list.some(({ answer }) => answer === DISAGREE));
  assert.deepEqual(answersOf(told.filter(({ batch }) => batch > 0)), [[1, DISAGREE]]);
  assert.match(told.at(-1)?.reason ?? "", /the receipt of 4 differs/);
});

test("it disagrees when a transaction was executed whose signature does not verify", async () => {
  const ledger = new TestLedger();
  ledger.settle({ forge: true });
  const told = await observe(ledger, ({ length }) => length >= 1);
  assert.deepEqual(answersOf(told), [[0, DISAGREE]]);
  assert.match(told[0]?.reason ?? "", /signature of 2 /);
});

test("#18 optimism 21333: without the sealed batch it is unable, and answers when the batch is there after all", async () => {
  const ledger = new TestLedger();
  const { header, bytes } = ledger.settle();
  ledger.sealed.delete(header.batchNumber);
  const told = await observe(ledger, (list) => {
    if (list.length === 1) ledger.sealed.set(header.batchNumber, bytes);
    return list.length >= 2;
  });
  assert.deepEqual(answersOf(told), [
    [0, UNABLE],
    [0, AGREE],
  ]);
});

test("with another batch's bytes it is unable: they are no ground for disagreeing with what was settled", async () => {
  const ledger = new TestLedger();
  const { header } = ledger.settle();
  const other = new TestLedger().settle({ forge: true });
  ledger.sealed.set(header.batchNumber, other.bytes);
  const told = await observe(ledger, ({ length }) => length >= 1);
  assert.deepEqual(answersOf(told), [[0, UNABLE]]);
});

test("a snapshot that lacks what the last final batch wrote makes it unable, not hostile", async () => {
  const ledger = new TestLedger();
  const genesis = new Map(ledger.snapshot);
  ledger.settle();
  ledger.finalize();
  ledger.settle();
  const whole = ledger.snapshot;
  ledger.snapshot = genesis;
  const told = await observe(ledger, (list) => {
    if (list.length === 1) ledger.snapshot = whole;
    return list.some(({ answer }) => answer === AGREE);
  });
  assert.deepEqual(answersOf(told), [
    [1, UNABLE],
    [1, AGREE],
  ]);
});

test("restarted, it goes on from what is final", async () => {
  const ledger = new TestLedger();
  for (let batch = 0; batch < 2; batch++) ledger.settle();
  assert.equal((await observe(ledger, ({ length }) => length >= 2)).length, 2);
  ledger.finalize();
  ledger.settle();
  assert.deepEqual(answersOf(await observe(ledger, ({ length }) => length >= 1)), [[2, AGREE]]);
});
