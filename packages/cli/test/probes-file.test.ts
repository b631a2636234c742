/** A file of probes is imported whole or not at all, and every wrong line is named. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseProbes } from "../src/probes-file.ts";

test("truths as words or as JSON's own, the domain left out, blank lines between", () => {
  const text =
    '{"claim": " 2 + 2 = 4. ", "truth": true}\n\n{"claim": "The sun is cold.", "truth": "refuted", "domain": "science"}\r\n';
  const parsed = parseProbes(text);
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value, [
    { claim: "2 + 2 = 4", truth: "supported", domain: "general" },
    { claim: "The sun is cold", truth: "refuted", domain: "science" },
  ]);
});

const wrong: readonly (readonly [string, RegExp])[] = [
  ["not json", /line 2: not JSON/],
  ["[]", /line 2: not an object/],
  ['{"truth": true}', /line 2: "claim" needs/],
  ['{"claim": "", "truth": true}', /line 2: "claim" needs/],
  ['{"claim": "a", "truth": "maybe"}', /line 2: "truth" needs/],
  ['{"claim": "a"}', /line 2: "truth" needs/],
  ['{"claim": "a", "truth": true, "domain": "x y"}', /line 2: "domain" needs/],
  ['{"claim": "a", "truth": true, "note": 1}', /line 2: unknown field "note"/],
  ['{"claim": "fine.", "truth": false}', /line 2: the claim of line 1/],
];
for (const [line, message] of wrong)
  test(`refused: ${line}`, () => {
    const parsed = parseProbes(`{"claim": "fine.", "truth": true}\n${line}\n`);
    assert.ok(!parsed.ok);
    assert.equal(parsed.code, "PROBE_INVALID");
    assert.match(parsed.details["lines"] ?? "", message);
  });

test("all wrong lines are named at once, and a file without a probe is none", () => {
  const parsed = parseProbes("x\ny\n");
  assert.ok(!parsed.ok);
  assert.match(parsed.details["lines"] ?? "", /line 1.*line 2/);
  assert.ok(!parseProbes("\n \n").ok);
});
