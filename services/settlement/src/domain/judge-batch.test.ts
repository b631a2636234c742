import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeBase58 } from "@mira/primitives";
import type { BatchFacts, ResultFacts } from "./facts.ts";
import { honestResults, keyOf, sampleBatch, samplePre, type SampleTransaction } from "./facts.fixture.ts";
import { judgeBatch, type JudgeInput, type Judgement } from "./judge-batch.ts";

/** A pays B, B pays C, D pays E: the first two depend on each other, the third on nobody. All read the system program `s`. */
const TRANSFERS: readonly SampleTransaction[] = [
  { locks: "ABs", moves: [["A", "B", 500n]] },
  { locks: "BCs", moves: [["B", "C", 700n]] },
  { locks: "DEs", moves: [["D", "E", 5n]] },
];
const PARTITIONS = [[0], [1], [2]] as const;

function judge(
  change: (results: ResultFacts[], batch: BatchFacts) => void,
  extra: Partial<JudgeInput> = {},
): Judgement {
  const batch = sampleBatch(TRANSFERS);
  const results = honestResults(batch, TRANSFERS, PARTITIONS);
  change(results, batch);
  return judgeBatch({
    batch,
    pre: samplePre(batch),
    results,
    isFrozen: () => false,
    outflowMax: undefined,
    ...extra,
  });
}

function change(results: ResultFacts[], index: number, fields: Partial<ResultFacts>): void {
  const result = results[index];
  assert.ok(result !== undefined);
  results[index] = { ...result, ...fields };
}

test("an honest batch is settled, and its fees and outflow are known", () => {
  const judgement = judge(() => undefined);
  assert.deepEqual(judgement.refused, []);
  assert.equal(judgement.feesLamports, 30n);
  assert.equal(judgement.outflowLamports, 510n + 710n + 15n);
});

test("however an honest batch is cut into partitions, it is settled", () => {
  const batch = sampleBatch(TRANSFERS);
  for (const partitions of [[[0, 1, 2]], [[0, 1], [2]], [[0, 2], [1]], PARTITIONS]) {
    const results = honestResults(batch, TRANSFERS, partitions);
    const judgement = judgeBatch({
      batch,
      pre: samplePre(batch),
      results,
      isFrozen: () => false,
      outflowMax: undefined,
    });
    assert.deepEqual(judgement.refused, [], JSON.stringify(partitions));
  }
});

const REFUSALS: ReadonlyArray<{
  readonly name: string;
  readonly code: string;
  readonly result: number;
  readonly change: (results: ResultFacts[], batch: BatchFacts) => void;
  readonly extra?: Partial<JudgeInput>;
}> = [
  {
    name: "a fee that the rules do not give",
    code: "RESULT_FEE_WRONG",
    result: 1,
    change: (results) => change(results, 1, { fees: Uint32Array.of(11, 0) }),
  },
  {
    name: "a fee whose high half is not the rules'",
    code: "RESULT_FEE_WRONG",
    result: 1,
    change: (results) => change(results, 1, { fees: Uint32Array.of(10, 1) }),
  },
  {
    name: "a fee on a receipt that did not run",
    code: "RESULT_FEE_WRONG",
    result: 1,
    change: (results) => change(results, 1, { statuses: Uint8Array.of(2) }),
  },
  {
    name: "a write-locked account read at an old version",
    code: "RESULT_STALE_INPUT",
    result: 1,
    change: (results, batch) => setInput(results, batch, { index: 1, name: "B", version: 50 }),
  },
  {
    name: "a read-locked account read at an old version",
    code: "RESULT_STALE_INPUT",
    result: 2,
    change: (results, batch) => setInput(results, batch, { index: 2, name: "S", version: 49 }),
  },
  {
    name: "an input that is missing",
    code: "RESULT_STALE_INPUT",
    result: 2,
    change: (results) =>
      change(results, 2, { inputKey: new Int32Array(0), inputVersion: new Float64Array(0) }),
  },
  {
    name: "an input that no transaction of the batch locks",
    code: "RESULT_STALE_INPUT",
    result: 0,
    change: (results) =>
      change(results, 0, { inputKey: Int32Array.of(-1), inputVersion: Float64Array.of(0) }),
  },
  {
    name: "a write to an account that is only locked by another partition",
    code: "RESULT_UNDECLARED_WRITE",
    result: 2,
    change: (results, batch) => renameWrite(results, batch, { index: 2, from: "E", to: "C" }),
  },
  {
    name: "a write to an account that is only locked for reading",
    code: "RESULT_UNDECLARED_WRITE",
    result: 2,
    change: (results, batch) => renameWrite(results, batch, { index: 2, from: "E", to: "S" }),
  },
  {
    name: "a write-locked account that is missing from the writes",
    code: "RESULT_INCOMPLETE",
    result: 0,
    change: (results) => {
      const [first] = results;
      assert.ok(first !== undefined);
      change(results, 0, {
        writeKey: first.writeKey.subarray(0, 1),
        writeVersion: first.writeVersion.subarray(0, 1),
      });
    },
  },
  {
    name: "a write with a version that its lock does not give",
    code: "RESULT_INCOMPLETE",
    result: 0,
    change: (results) => change(results, 0, { writeVersion: Float64Array.of(101, 102) }),
  },
  {
    name: "writes that are not sorted",
    code: "RESULT_INCOMPLETE",
    result: 0,
    change: (results) => change(results, 0, { writesAreSorted: false }),
  },
  {
    name: "one lamport out of nothing",
    code: "RESULT_VALUE_NOT_CONSERVED",
    result: 0,
    change: (results) => addLamports(results, { index: 0, write: 1, by: 1 }),
  },
  {
    name: "one lamport that vanishes",
    code: "RESULT_VALUE_NOT_CONSERVED",
    result: 0,
    change: (results) => addLamports(results, { index: 0, write: 0, by: -1 }),
  },
  {
    name: "2^32 lamports out of nothing",
    code: "RESULT_VALUE_NOT_CONSERVED",
    result: 2,
    change: (results) => {
      const lamports = results[2]?.writeLamports;
      assert.ok(lamports !== undefined);
      lamports[1] = 1;
    },
  },
  {
    name: "a frozen account that pays",
    code: "ACCOUNT_FROZEN",
    result: 2,
    change: () => undefined,
    extra: { isFrozen: (key) => Buffer.compare(key, keyOf("D")) === 0 },
  },
  {
    name: "more than a whole window may move",
    code: "VELOCITY_EXCEEDED",
    result: 1,
    change: () => undefined,
    extra: { outflowMax: 700n },
  },
];

for (const { name, code, result, change: spoil, extra } of REFUSALS)
  test(`refused: ${name}`, () => {
    const { refused } = judge(spoil, extra);
    assert.equal(refused[0]?.refusal.code, code);
    assert.equal(refused[0].result, result);
  });

test("only the results at fault are refused, so that the others are kept", () => {
  const { refused } = judge((results) => addLamports(results, { index: 2, write: 0, by: 3 }));
  assert.deepEqual(
    refused.map(({ result }) => result),
    [2],
  );
});

test("whoever was given a wrong value is not blamed for it", () => {
  const { refused } = judge((results) => {
    addLamports(results, { index: 0, write: 1, by: 3 });
  });
  assert.deepEqual(
    refused.map(({ result }) => result),
    [0],
  );
});

test("refused: an account read in the middle of another result's work", () => {
  const transactions: readonly SampleTransaction[] = [{ locks: "AX" }, { locks: "Bx" }, { locks: "AX" }];
  const batch = sampleBatch(transactions);
  const results = honestResults(batch, transactions, [[0, 2], [1]]);
  const { refused } = judgeBatch({
    batch,
    pre: samplePre(batch),
    results,
    isFrozen: () => false,
    outflowMax: undefined,
  });
  assert.equal(refused[0]?.refusal.code, "RESULT_STALE_INPUT");
  assert.equal(refused[0].result, 1);
});

test("refused: a session that takes more than its transactions say", () => {
  const transactions = [
    { locks: "ABs", moves: [["A", "B", 500n]], session: { owner: "A", transferLamports: 499n } },
  ] as const;
  const batch = sampleBatch(transactions);
  const results = honestResults(batch, transactions, [[0]]);
  const { refused } = judgeBatch({
    batch,
    pre: samplePre(batch),
    results,
    isFrozen: () => false,
    outflowMax: undefined,
  });
  assert.equal(refused[0]?.refusal.code, "SESSION_OVERSPENT");
  assert.deepEqual(refused[0].refusal.details, {
    owner: encodeBase58(keyOf("A")),
    reserved: "509",
    spent: "510",
  });
});

test("a session that takes what it was admitted for is settled", () => {
  const transactions = [
    { locks: "ABs", moves: [["A", "B", 500n]], session: { owner: "A", transferLamports: 500n } },
  ] as const;
  const batch = sampleBatch(transactions);
  const results = honestResults(batch, transactions, [[0]]);
  assert.deepEqual(
    judgeBatch({ batch, pre: samplePre(batch), results, isFrozen: () => false, outflowMax: undefined })
      .refused,
    [],
  );
});

test("an owner who spends beside the session is not taken for the session", () => {
  const transactions = [
    { locks: "ABs", moves: [["A", "B", 5n]], session: { owner: "A", transferLamports: 5n } },
    { locks: "ACs", moves: [["A", "C", 9000n]] },
  ] as const;
  const batch = sampleBatch(transactions);
  const results = honestResults(batch, transactions, [[0, 1]]);
  assert.deepEqual(
    judgeBatch({ batch, pre: samplePre(batch), results, isFrozen: () => false, outflowMax: undefined })
      .refused,
    [],
  );
});

type InputChange = { readonly index: number; readonly name: string; readonly version: number };

function setInput(results: ResultFacts[], batch: BatchFacts, { index, name, version }: InputChange): void {
  const inputs = results[index];
  const at = inputs?.inputKey.indexOf(batch.keys.find(keyOf(name))) ?? -1;
  assert.ok(inputs !== undefined && at >= 0);
  inputs.inputVersion[at] = version;
}

type Rename = { readonly index: number; readonly from: string; readonly to: string };

function renameWrite(results: ResultFacts[], batch: BatchFacts, { index, from, to }: Rename): void {
  const result = results[index];
  const at = result?.writeKey.indexOf(batch.keys.find(keyOf(from))) ?? -1;
  assert.ok(result !== undefined && at >= 0);
  result.writeKey[at] = batch.keys.find(keyOf(to));
}

function addLamports(
  results: ResultFacts[],
  { index, write, by }: { index: number; write: number; by: number },
): void {
  const lamports = results[index]?.writeLamports;
  assert.ok(lamports !== undefined);
  lamports[2 * write] = (lamports[2 * write] ?? 0) + by;
}
