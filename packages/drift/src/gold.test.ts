import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createGoldRates, learnGold, predictGoldRisk } from "./gold.ts";

function teach(probes: ReadonlyArray<readonly [domain: string, isError: boolean]>) {
  const rates = createGoldRates();
  for (const [domain, isError] of probes) learnGold(rates, domain, isError);
  return rates;
}

test("domains are told apart once they have probes of their own", () => {
  const probes = Array.from({ length: 200 }, (_, at) => ["law", at % 2 === 0] as const);
  const rates = teach([...probes, ...probes.map(() => ["math", false] as const)]);
  assert.ok(Math.abs(predictGoldRisk(rates, "law") - 0.5) < 0.04);
  assert.ok(predictGoldRisk(rates, "math") < 0.05);
  assert.ok(Math.abs(predictGoldRisk(rates, "never met") - 0.25) < 0.03);
});

test("the same rate known from fewer probes is taken for a higher risk", () => {
  const probes = (count: number) => Array.from({ length: count }, (_, at) => ["law", at % 4 === 0] as const);
  const risks = [20, 80, 320, 1_280].map((count) => predictGoldRisk(teach(probes(count)), "law"));
  assert.deepEqual(
    risks,
    risks.toSorted((left, right) => right - left),
  );
  assert.ok((risks.at(-1) ?? 0) > 0.25);
});

test("a risk stays inside (0, 1), one more error never lowers it, and the order of probes does not matter", () => {
  const probes = fc.array(fc.tuple(fc.constantFrom("law", "math", "__proto__"), fc.boolean()), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(probes, fc.constantFrom("law", "math", "__proto__", "none"), (all, domain) => {
      const risk = predictGoldRisk(teach(all), domain);
      assert.ok(risk > 0 && risk < 1);
      assert.equal(predictGoldRisk(teach(all.toReversed()), domain), risk);
      const worse = all.map(([at, isError], index) => [at, isError || index === 0] as const);
      assert.ok(predictGoldRisk(teach(worse), domain) >= risk - 1e-12);
    }),
  );
});
