import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { honestResults, sampleBatch, samplePre, type SampleTransaction } from "./facts.fixture.ts";
import { judgeBatch } from "./judge-batch.ts";
import { mergeWrites } from "./merge-writes.ts";
import { listRepairInputs, splitRepair } from "./repair.ts";

const AS_SETTLED = -1;

test("inputs are the versions at first touch: as settled, or what the batch made before", () => {
  const batch = sampleBatch([{ locks: "ABs" }, { locks: "BCs" }, { locks: "ACs" }]);
  const named = listRepairInputs(batch, [1, 2], AS_SETTLED).map(({ key, version }) => [
    String.fromCharCode(batch.keys.key(key)[0] ?? 0),
    version,
  ]);
  assert.deepEqual(named, [
    ["B", 101],
    ["C", AS_SETTLED],
    ["S", AS_SETTLED],
    ["A", 101],
  ]);
});

test("work is split where a transaction outside of it wrote in between, and only there", () => {
  const batch = sampleBatch([{ locks: "AB" }, { locks: "BC" }, { locks: "BD" }, { locks: "AE" }]);
  assert.deepEqual(splitRepair(batch, [0, 2, 3]), [[0], [2, 3]]);
  assert.deepEqual(splitRepair(batch, [0, 1, 2, 3]), [[0, 1, 2, 3]]);
  assert.deepEqual(splitRepair(batch, []), []);
});

const transactions = fc.array(
  fc
    .subarray(["A", "B", "C", "D", "e", "f"], { minLength: 2, maxLength: 4 })
    .filter(([first]) => first === first?.toUpperCase())
    .map((letters): SampleTransaction => ({ locks: letters.join("") })),
  { minLength: 1, maxLength: 12 },
);

test("property: honest work on whatever was split is settled, and its final writes are the last of each account, by key", () => {
  fc.assert(
    fc.property(transactions, fc.infiniteStream(fc.boolean()), (sample, coins) => {
      const batch = sampleBatch(sample);
      const [left, right]: [number[], number[]] = [[], []];
      sample.forEach((_, place) => (coins.next().value ? left : right).push(place));
      const partitions = [...splitRepair(batch, left), ...splitRepair(batch, right)];
      const results = honestResults(batch, sample, partitions);
      const judged = judgeBatch({
        batch,
        pre: samplePre(batch),
        results,
        isFrozen: () => false,
        outflowMax: undefined,
      });
      assert.deepEqual(judged.refused, []);
      const final = mergeWrites(batch, results);
      const last = new Map<string, number>();
      sample.forEach(({ locks }, place) => {
        for (const letter of locks.replaceAll(/[a-z]/g, "")) last.set(letter, place + 101);
      });
      const merged = Array.from(final.key, (key, at) => {
        const name = String.fromCharCode(batch.keys.key(key)[0] ?? 0);
        return [name, results[final.result[at] ?? 0]?.writeVersion[final.write[at] ?? 0]];
      });
      assert.deepEqual(
        merged,
        [...last].sort(([one], [other]) => (one < other ? -1 : 1)),
      );
    }),
    { numRuns: 200 },
  );
});
