import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createBatchLocks, type LockList } from "./batch-locks.fixture.ts";
import type { Cut } from "./cut.ts";
import type { BatchLocks } from "./lock-graph.ts";
import { AS_SETTLED_BEFORE, computePartitionInputs, type PartitionInputs } from "./partition-inputs.ts";
import { Partitioner } from "./partitioner.ts";

const COSTS = { partitionUs: 100, hopUs: 100 };
const LIMITS = { transactionsMax: 20, bytesMax: 1_000_000 };
const FIRST_SEQUENCE = 5_000;

const lockList = fc.array(fc.record({ account: fc.nat(25), write: fc.boolean() }), {
  minLength: 1,
  maxLength: 6,
});
const batch = fc.record({
  transactions: fc.array(lockList, { minLength: 1, maxLength: 80 }),
  weights: fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 80, maxLength: 80 }),
  lanes: fc.integer({ min: 1, max: 17 }),
  seed: fc.integer(),
});
type Batch = { transactions: LockList[]; weights: number[]; lanes: number };

/** Both ways of cutting: what the partitioner chooses, and the cut schedule even where it would not pay. */
function cutBothWays({ transactions, weights, lanes }: Batch): { locks: BatchLocks; cuts: Cut[] } {
  const locks = createBatchLocks(transactions, (index) => weights[index] ?? 1);
  const partitioner = new Partitioner({ lanes, limits: LIMITS, costs: COSTS });
  return { locks, cuts: [partitioner.cut(locks), partitioner.cutSchedule(locks, lanes)] };
}

function listPartition(cut: Cut, partition: number): number[] {
  return [...cut.order.subarray(partition === 0 ? 0 : cut.ends[partition - 1], cut.ends[partition])];
}

function listLocks(locks: BatchLocks, transaction: number): { account: number; write: boolean }[] {
  const start = transaction === 0 ? 0 : (locks.lockEnds[transaction - 1] ?? 0);
  return [...locks.lockAccounts.subarray(start, locks.lockEnds[transaction])].map((account, index) => ({
    account,
    write: locks.lockWrites[start + index] === 1,
  }));
}

test("partitions cover every transaction once, in sequence order inside, within the limits", () => {
  fc.assert(
    fc.property(batch, (given) => {
      const { locks, cuts } = cutBothWays(given);
      for (const cut of cuts) {
        const partitions = Array.from({ length: cut.partitions }, (_, index) => listPartition(cut, index));
        for (const members of partitions) {
          assert.ok(members.length > 0 && members.length <= LIMITS.transactionsMax);
          assert.deepEqual(
            members,
            members.toSorted((left, right) => left - right),
          );
        }
        const all = partitions.flat().sort((left, right) => left - right);
        assert.deepEqual(
          all,
          Array.from({ length: locks.count }, (_, index) => index),
        );
      }
    }),
  );
});

test("a partition waits only for partitions with lower numbers, so no circle of waits exists", () => {
  fc.assert(
    fc.property(batch, (given) => {
      const { locks, cuts } = cutBothWays(given);
      for (const cut of cuts) {
        const partitionOf = new Map<number, number>();
        for (let index = 0; index < cut.partitions; index++)
          for (const member of listPartition(cut, index)) partitionOf.set(member, index);
        for (let later = 0; later < locks.count; later++)
          for (let earlier = 0; earlier < later; earlier++)
            if (conflict(locks, earlier, later))
              assert.ok((partitionOf.get(earlier) ?? 0) <= (partitionOf.get(later) ?? 0));
      }
    }),
    { numRuns: 60 },
  );
});

function conflict(locks: BatchLocks, left: number, right: number): boolean {
  const others = listLocks(locks, right);
  return listLocks(locks, left).some(({ account, write }) =>
    others.some((other) => other.account === account && (write || other.write)),
  );
}

test("partitions run in any order their input versions allow give what sequence order gives", () => {
  fc.assert(
    fc.property(batch, (given) => {
      const { locks, cuts } = cutBothWays(given);
      const before = Float64Array.from({ length: locks.accounts }, (_, index) =>
        index % 3 === 0 ? AS_SETTLED_BEFORE : FIRST_SEQUENCE - 1 - index,
      );
      const expected = runInSequence(locks, before);
      for (const cut of cuts) {
        const inputs = computePartitionInputs(cut, locks, FIRST_SEQUENCE, before);
        assert.deepEqual(runByVersions(cut, locks, inputs, before, given.seed), expected);
      }
    }),
  );
});

type Store = Map<string, string>;

/** Executes symbolically: a write's value names the transaction and everything it saw. */
function execute(locks: BatchLocks, transaction: number, values: Map<number, string>, log: string[]): void {
  const held = listLocks(locks, transaction);
  const seen = held.map(({ account }) => `${account}=${values.get(account) ?? "?"}`).join(",");
  log[transaction] = seen;
  for (const { account, write } of held) if (write) values.set(account, `t${transaction}`);
}

function runInSequence(locks: BatchLocks, before: Float64Array): string[] {
  const values = new Map(Array.from(before, (version, account) => [account, `v${version}`]));
  const log: string[] = [];
  for (let transaction = 0; transaction < locks.count; transaction++)
    execute(locks, transaction, values, log);
  return log;
}

/** Starts, at random, any partition whose every input version exists; fails when none can start. */
function runByVersions(
  cut: Cut,
  locks: BatchLocks,
  inputs: PartitionInputs,
  before: Float64Array,
  seed: number,
): string[] {
  const store: Store = new Map(
    Array.from(before, (version, account) => [`${account}@${version}`, `v${version}`]),
  );
  const waiting = new Set(Array.from({ length: cut.partitions }, (_, index) => index));
  const log: string[] = [];
  let state = seed;
  while (waiting.size > 0) {
    const ready = [...waiting].filter((index) => listInputs(inputs, index).every((id) => store.has(id)));
    assert.ok(ready.length > 0, "some partition can always start");
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const chosen = ready[state % ready.length] ?? 0;
    waiting.delete(chosen);
    runPartition(cut, locks, inputs, chosen, store, log);
  }
  return log;
}

function listInputs(inputs: PartitionInputs, partition: number): string[] {
  const start = partition === 0 ? 0 : (inputs.ends[partition - 1] ?? 0);
  const end = inputs.ends[partition] ?? 0;
  return Array.from({ length: end - start }, (_, index) => {
    const at = start + index;
    return `${inputs.accounts[at] ?? -1}@${inputs.versions[at] ?? -1}`;
  });
}

function runPartition(
  cut: Cut,
  locks: BatchLocks,
  inputs: PartitionInputs,
  partition: number,
  store: Store,
  log: string[],
): void {
  const values = new Map<number, string>();
  for (const id of listInputs(inputs, partition)) values.set(Number(id.split("@")[0]), store.get(id) ?? "?");
  const writers = new Map<number, number>();
  for (const transaction of listPartition(cut, partition)) {
    execute(locks, transaction, values, log);
    for (const { account, write } of listLocks(locks, transaction))
      if (write) writers.set(account, transaction);
  }
  for (const [account, writer] of writers)
    store.set(`${account}@${FIRST_SEQUENCE + writer + 1}`, values.get(account) ?? "?");
}

test("the same batch is cut the same way again, on a used and on a fresh partitioner", () => {
  fc.assert(
    fc.property(batch, batch, (first, second) => {
      const locks = createBatchLocks(first.transactions, (index) => first.weights[index] ?? 1);
      const used = new Partitioner({ lanes: first.lanes, limits: LIMITS, costs: COSTS });
      used.cut(createBatchLocks(second.transactions));
      const fresh = new Partitioner({ lanes: first.lanes, limits: LIMITS, costs: COSTS });
      assert.deepEqual(used.cut(locks), fresh.cut(locks));
    }),
  );
});

test("a small batch is one partition", () => {
  const locks = createBatchLocks([[{ account: 1, write: true }], [{ account: 2, write: true }]], () => 25);
  assert.equal(new Partitioner({ lanes: 8, limits: LIMITS, costs: COSTS }).cut(locks).partitions, 1);
});

test("independent transfers become one piece per lane, not one per transfer", () => {
  const transfers = Array.from({ length: 256 }, (_, index) => [{ account: index, write: true }]);
  const limits = { transactionsMax: 256, bytesMax: 1_000_000 };
  const cut = new Partitioner({ lanes: 4, limits, costs: COSTS }).cut(createBatchLocks(transfers, () => 25));
  assert.equal(cut.partitions, 4);
});

test("sixty-four write locks on every transaction of a full batch are cut, not crashed on", () => {
  const transactions = Array.from({ length: 1_024 }, (_, index) =>
    Array.from({ length: 64 }, (__, lock) => ({ account: (index * 7 + lock * 13) % 3_000, write: true })),
  );
  const limits = { transactionsMax: 256, bytesMax: 1_000_000 };
  const locks = createBatchLocks(transactions);
  const cut = new Partitioner({ lanes: 16, limits, costs: COSTS }).cut(locks);
  assert.equal(cut.order.length, 1_024);
});

test("an empty batch has no partitions", () => {
  const cut = new Partitioner({ lanes: 4, limits: LIMITS, costs: COSTS }).cut(createBatchLocks([]));
  assert.equal(cut.partitions, 0);
});
