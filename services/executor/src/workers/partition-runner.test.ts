/** What the runner answers to each partition, with the VM as it is and everything around it in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createKeyPair,
  encodeBase58,
  encodeHex,
  parseLamports,
  parseUnixMs,
  type AccountVersion,
  type BatchNumber,
  type SequenceNumber,
  type Slot,
  type UnixMs,
} from "@mira/primitives";
import { createSvmRuntime, type SvmRuntime } from "@mira/runtime";
import { encodeTransaction, fixtureKey, transfer } from "@mira/runtime/fixtures";
import {
  AS_SETTLED,
  accountKey,
  decodePartitionResult,
  decodeSealedBatch,
  encodePartition,
  encodeSealedBatch,
  type AccountValue,
  type PartitionHeader,
  type PartitionResult,
} from "@mira/runtime/wire";
import { VersionCache } from "../domain/version-cache.ts";
import type { Progress, WorkMessage } from "../ports.ts";
import { InputFetcher } from "./input-fetcher.ts";
import { PartitionExecution } from "./partition-execution.ts";
import { PartitionRunner } from "./partition-runner.ts";
import { ResultPublisher } from "./result-publisher.ts";

const [alice, bob] = [fixtureKey("alice"), fixtureKey("bob")];
const runtime = createSvmRuntime();
const identity = createKeyPair();
const RENT_EPOCH = 2n ** 64n - 1n;
const rich: AccountValue = {
  lamports: parseLamports(10n ** 12n),
  owner: new Uint8Array(32),
  executable: false,
  rentEpoch: RENT_EPOCH,
  data: new Uint8Array(0),
};

type Setting = {
  runtime?: SvmRuntime;
  progress?: Partial<Progress>;
  /** Version of Alice that settlement shows. */
  settledVersion?: number;
  noOps?: ReadonlyMap<number, string>;
  compareEvery?: number;
};
type Answer = { word: "ack" | "nak" | "park" | "none"; result?: PartitionResult; diverged: boolean };

/** Gives the runner one partition and waits for its answer. */
async function answerTo(
  payload: Uint8Array,
  message: Partial<WorkMessage> = {},
  setting: Setting = {},
): Promise<Answer> {
  const answered = Promise.withResolvers<Answer["word"]>();
  const ending = new AbortController();
  const { signal } = ending;
  const logger = { info: ignore, warn: ignore, error: ignore };
  const clock = { now: () => parseUnixMs(Date.now()) };
  const published: Uint8Array[] = [];
  let diverged = false;
  const results = {
    publish: (outgoing: readonly { payload: Uint8Array }[]) => {
      published.push(...outgoing.map((result) => result.payload));
      return Promise.resolve();
    },
  };
  const execution = new PartitionExecution({
    runtime: setting.runtime ?? runtime,
    trial: { examine: () => Promise.resolve(setting.noOps ?? new Map()) },
    publisher: new ResultPublisher({ results, logger }),
    identity,
    compareEvery: setting.compareEvery ?? 1_000,
    telemetry: {
      tracePartition: (_header, work) => work({}),
      countExecuted: ignore,
      countReexecuted: ignore,
    },
    clock,
    logger,
    signal,
    onDivergence: () => (diverged = true),
  });
  const version = setting.settledVersion ?? 0;
  const runner = new PartitionRunner({
    execution,
    cache: new VersionCache({ accountsMax: 100 }),
    fetcher: new InputFetcher({
      settled: { read: (keys) => Promise.resolve(keys.map((key) => ({ key, version, value: rich }))) },
      logger,
      signal,
      onFound: (account) => runner.supplySettled(account),
    }),
    watermarks: [],
    progress: () => ({ settledBatches: 0, settledSequence: 0, finalizedBatches: 0, ...setting.progress }),
    executorId: identity.publicKey,
    runtimeId: runtime.runtimeId,
    heldMax: 4,
    clock,
    logger,
    signal,
    onStuck: ignore,
  });
  runner.accept({
    payload,
    headers: {},
    deliveryCount: 1,
    sequence: 1,
    publishedAt: 0 as UnixMs,
    ack: () => answered.resolve("ack"),
    nak: () => answered.resolve("nak"),
    park: () => {
      answered.resolve("park");
      return Promise.resolve();
    },
    ...message,
  });
  const word = await answered.promise;
  ending.abort();
  await runner.drain();
  const [bytes] = published;
  return { word, diverged, ...(bytes === undefined ? {} : { result: decodePartitionResult(bytes) }) };
}

function createPartition(
  header: Partial<PartitionHeader> = {},
  keys: readonly Uint8Array[] = [alice, bob],
): Uint8Array {
  const wires = [1n, 2n].map((lamports) =>
    encodeTransaction({ payer: alice, instructions: [transfer(alice, bob, lamports)] }),
  );
  const batch = decodeSealedBatch(
    encodeSealedBatch(
      {
        batchNumber: 3 as BatchNumber,
        firstSequence: 40 as SequenceNumber,
        slot: 9 as Slot,
        unixTimestamp: 5,
        sealedAt: 5_000 as UnixMs,
        runtimeId: runtime.runtimeId,
        signatureRule: 1,
        feeRule: 1,
        parentHash: new Uint8Array(32),
        traceparent: "",
      },
      wires.map((wire) => ({ wire })),
    ),
  );
  const inputs = keys
    .map((key) => ({ key: accountKey(key), version: AS_SETTLED }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const { batchNumber, firstSequence, slot, unixTimestamp, runtimeId, traceparent } = batch.header;
  const own = { batchNumber, firstSequence, slot, unixTimestamp, runtimeId, traceparent };
  const full = { ...own, partition: 0, partitions: 1, batchHash: new Uint8Array(32), ...header };
  return encodePartition(full, { transactions: batch.transactions, indexes: [0, 1] }, inputs);
}

function ignore(): void {
  // nothing to tell
}

test("a partition is acknowledged after its signed result is published, which names the versions it used", async () => {
  const { word, result } = await answerTo(createPartition(), {}, { settledVersion: 17 });
  assert.equal(word, "ack");
  assert.deepEqual([result?.receipts.count, result?.receipts.status(1), result?.writes.count], [2, 0, 2]);
  assert.equal(result?.inputs.version(0), 17 as AccountVersion);
  assert.equal(encodeHex(result.header.executorId), encodeHex(identity.publicKey));
});

test("delivered to others twice without an answer, it is examined, and what kills is a no-op", async () => {
  const noOps = new Map([[41, "ExecutorAborted"]]);
  const suspected = await answerTo(createPartition(), { deliveryCount: 3 }, { noOps });
  assert.deepEqual(
    [suspected.result?.receipts.status(0), suspected.result?.receipts.error(1)],
    [0, "ExecutorAborted"],
  );
  const trusted = await answerTo(createPartition(), { deliveryCount: 2 }, { noOps });
  assert.equal(trusted.result?.receipts.status(1), 0);
});

test("what settlement has already settled is acknowledged without a result", async () => {
  const known = await answerTo(createPartition(), {}, { progress: { settledBatches: 4 } });
  assert.deepEqual([known.word, known.result], ["ack", undefined]);
  const noticed = await answerTo(createPartition(), {}, { settledVersion: 41 });
  assert.deepEqual(
    [noticed.word, noticed.result],
    ["ack", undefined],
    "as settled is past the batch's first number",
  );
});

test("a partition for another runtime, or that excludes this executor, is left to others", async () => {
  const foreign = await answerTo(createPartition({ runtimeId: new Uint8Array(32) }));
  const headers = { "Mira-Excluded-Executors": `someone,${encodeBase58(identity.publicKey)}` };
  const excluded = await answerTo(createPartition(), { headers });
  assert.deepEqual([foreign.word, excluded.word], ["nak", "nak"]);
});

test("bytes that are no partition are parked; a partition that names too few inputs is given back unrun", async () => {
  assert.equal((await answerTo(Uint8Array.of(1, 2, 3))).word, "park");
  const { word, result } = await answerTo(createPartition({}, [alice]));
  assert.deepEqual([word, result], ["nak", undefined]);
});

test("a warm VM that gives other bytes than a new one ends the executor, and its result is not published", async () => {
  const stale: SvmRuntime = {
    ...runtime,
    executeWithPauses: async (...parts) => {
      const output = await runtime.executeWithPauses(...parts);
      if (!output.ok) return output;
      const receipts = output.value.receipts.map((receipt) => ({ ...receipt, computeUnits: 1 }));
      return { ...output, value: { ...output.value, receipts } };
    },
  };
  const { word, result, diverged } = await answerTo(
    createPartition(),
    {},
    { runtime: stale, compareEvery: 1 },
  );
  assert.deepEqual([word, result, diverged], ["nak", undefined, true]);
});
