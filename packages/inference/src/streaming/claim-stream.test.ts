import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRandom } from "../numeric/random.ts";
import { ClaimStream } from "./claim-stream.ts";

const ACCURACY = { a: 0.95, b: 0.8, c: 0.7, d: 0.6, guesser: 0.5 };

function feed(stream: ClaimStream, claims: number, withTruth: boolean): number {
  const random = createRandom(5);
  let right = 0;
  for (let claim = 0; claim < claims; claim++) {
    const truth = Number(random() < 0.5);
    const votes = Object.entries(ACCURACY).map(([validator, accuracy]) => ({
      validator,
      label: random() < accuracy ? truth : 1 - truth,
    }));
    const posterior = stream.observe(votes, withTruth ? truth : undefined);
    right += Number((posterior[truth] ?? 0) > 0.5);
  }
  return right / claims;
}

test("reliabilities are learnt from probes, and in their order without", () => {
  const [taught, alone] = [new ClaimStream({ classes: 2 }), new ClaimStream({ classes: 2 })];
  const accuracy = feed(taught, 3_000, true);
  feed(alone, 3_000, false);
  for (const [validator, expected] of Object.entries(ACCURACY))
    assert.ok(Math.abs(taught.reliability(validator) - expected) < 0.04, validator);
  const order = Object.keys(ACCURACY).map((validator) => alone.reliability(validator));
  assert.deepEqual(
    order,
    order.toSorted((one, other) => other - one),
  );
  assert.ok(accuracy > 0.93);
});

test("a reliably wrong validator's vote counts against what it says", () => {
  const stream = new ClaimStream({ classes: 2 });
  for (let claim = 0; claim < 50; claim++) stream.observe([{ validator: "liar", label: 1 }], 0);
  assert.ok((stream.peek([{ validator: "liar", label: 1 }])[0] ?? 0) > 0.9);
});

test("the order of a claim's votes changes nothing", () => {
  const vote = fc.record({
    validator: fc.constantFrom("a", "b", "c", "d"),
    label: fc.integer({ min: 0, max: 2 }),
  });
  const claims = fc.array(fc.array(vote, { maxLength: 6 }), { maxLength: 8 });
  fc.assert(
    fc.property(claims, (all) => {
      const [one, other] = [new ClaimStream({ classes: 3 }), new ClaimStream({ classes: 3 })];
      for (const votes of all) assert.deepEqual(one.observe(votes), other.observe(votes.toReversed()));
    }),
  );
});

test("peeking learns nothing; labels out of range and too many validators are bugs", () => {
  const stream = new ClaimStream({ classes: 2, validatorsMax: 1 });
  stream.peek([{ validator: "a", label: 1 }]);
  assert.equal(stream.validators, 0);
  stream.observe([{ validator: "a", label: 1 }]);
  assert.throws(() => stream.observe([{ validator: "b", label: 1 }]), /at most 1/);
  assert.throws(() => stream.observe([{ validator: "a", label: 2 }]), /needed 0\.\.1, got 2/);
});
