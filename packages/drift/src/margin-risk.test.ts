import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { learnRisk, MARGIN_RISK_START, predictRisk } from "./margin-risk.ts";

test("before any claim, departing from a wide consensus is taken for rarer", () => {
  for (let margin = 0.05; margin < 0.9; margin += 0.1)
    assert.ok(predictRisk(MARGIN_RISK_START, margin) > predictRisk(MARGIN_RISK_START, margin + 0.1));
});

test("a few hundred claims outweigh the prior, in their own bucket only", () => {
  let risk = MARGIN_RISK_START;
  for (let claim = 0; claim < 400; claim++) risk = learnRisk(risk, 0.95, claim % 2 === 0);
  assert.ok(Math.abs(predictRisk(risk, 0.92) - 0.5) < 0.02);
  assert.equal(predictRisk(risk, 0.85), predictRisk(MARGIN_RISK_START, 0.85));
});

test("learning moves the risk towards what was seen, and changes nothing that was learnt before", () => {
  const margin = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(margin, fc.boolean()), { maxLength: 50 }), margin, (claims, margin) => {
      const risk = claims.reduce(
        (risk, [at, hasDeparted]) => learnRisk(risk, at, hasDeparted),
        MARGIN_RISK_START,
      );
      const before = structuredClone(risk);
      assert.ok(predictRisk(learnRisk(risk, margin, true), margin) > predictRisk(risk, margin));
      assert.ok(predictRisk(learnRisk(risk, margin, false), margin) < predictRisk(risk, margin));
      assert.deepEqual(risk, before);
    }),
  );
});
