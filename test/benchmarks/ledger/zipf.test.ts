/** The sampler draws each rank as often as the law says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@mira/testing";
import { createZipfSampler } from "./zipf.ts";

test("every rank is drawn as often as its weight says", () => {
  const draws = 400_000;
  const random = seededRandom(7);
  const sample = createZipfSampler(5, 0.8, () => random.next());
  const counts = [0, 0, 0, 0, 0];
  for (let draw = 0; draw < draws; draw += 1) {
    const rank = sample();
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  const weights = [1, 2, 3, 4, 5].map((rank) => rank ** -0.8);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  weights.forEach((weight, rank) => {
    const expected = (weight / total) * draws;
    assert.ok(
      Math.abs((counts[rank] ?? 0) - expected) < 5 * Math.sqrt(expected),
      `rank ${rank}: ${counts[rank]} draws, ${expected} expected`,
    );
  });
});

test("the ends of the range give the first and the last rank", () => {
  assert.equal(createZipfSampler(10, 0.8, () => 0)(), 0);
  assert.equal(createZipfSampler(10, 0.8, () => 1 - Number.EPSILON)(), 9);
});

test("exponent 0 is uniform", () => {
  assert.deepEqual(
    [0.05, 0.15, 0.95].map((at) => createZipfSampler(10, 0, () => at)()),
    [0, 1, 9],
  );
});
