import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { computeFamilyArl0, rejectByFdr, selectSuspects } from "./family.ts";
import { createRandom } from "./random.fixture.ts";
import { accumulate, computeRiskAdjustedScore } from "./risk-adjusted-cusum.ts";

test("a family of a hundred needs a hundred times the run length each", () => {
  assert.equal(computeFamilyArl0(1_000, 100), 100_000);
  assert.throws(() => computeFamilyArl0(1_000, 0), /at least 1/);
});

/** Sums of `validators` charts after `claims` claims; the first `drifted` of them make errors at twice the odds. */
function simulate(validators: number, drifted: number, claims: number, seed: number) {
  const random = createRandom(seed);
  return Array.from({ length: validators }, (_, at) => {
    let sum = 0;
    for (let claim = 0; claim < claims; claim++)
      sum = accumulate(sum, computeRiskAdjustedScore(random() < (at < drifted ? 1 / 3 : 0.2), 0.2, 2));
    return { validator: `v${String(at).padStart(3, "0")}`, sum, observations: claims };
  });
}

test("a look at a hundred honest validators lists nobody, and one at five that drifted lists those", () => {
  let innocent = 0;
  for (let seed = 0; seed < 20; seed++) {
    innocent += selectSuspects(simulate(100, 0, 400, seed), 0.1).length;
    const found = selectSuspects(simulate(100, 5, 1_000, 100 + seed), 0.1).map(({ validator }) => validator);
    assert.deepEqual(found.toSorted(), ["v000", "v001", "v002", "v003", "v004"]);
  }
  assert.equal(innocent, 0);
});

const suspects = fc
  .array(fc.record({ sum: fc.double({ min: 0, max: 40, noNaN: true }), observations: fc.nat(10_000) }), {
    maxLength: 30,
  })
  .map((all) => all.map((suspect, at) => ({ validator: `v${at}`, ...suspect })));

test("who is listed does not depend on the order of asking, and a laxer rate lists no fewer", () => {
  const pair = suspects.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(pair, ([all, mixed]) => {
      assert.deepEqual(selectSuspects(mixed, 0.1), selectSuspects(all, 0.1));
      assert.ok(selectSuspects(all, 0.2).length >= selectSuspects(all, 0.1).length);
    }),
  );
});

test("Benjamini and Hochberg: the example of their paper", () => {
  const pValues = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
    0.759, 1,
  ];
  assert.equal(rejectByFdr(pValues, 0.05).filter(Boolean).length, 4);
  assert.deepEqual(rejectByFdr([0.9, 0.8], 0.05), [false, false]);
  assert.deepEqual(rejectByFdr([], 0.05), []);
});
