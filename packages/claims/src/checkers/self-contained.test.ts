/** Checkers on claims that can be read alone: what they find there can be found again, and counts for the claim it is found in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decomposeByRules,
  recheckWitness,
  runCheckers,
  type SelfContainedClaim,
  type Source,
} from "../index.ts";

function judge(response: string, sources: readonly Source[] = []): Record<string, string> {
  const decomposed = decomposeByRules(response);
  assert.ok(decomposed.ok);
  const verdicts = decomposed.value.claims.map((claim) => {
    const report = runCheckers(claim, response, sources);
    for (const evidence of report.evidence) {
      assert.ok(recheckWitness(evidence, claim, response, sources), `not confirmed: ${evidence.witness}`);
      assert.ok(!recheckWitness(evidence, moved(claim), response, sources), "pieces that give another text");
    }
    return [claim.text, report.verdict] as const;
  });
  return Object.fromEntries(verdicts);
}

const moved = (claim: SelfContainedClaim): SelfContainedClaim => ({
  ...claim,
  pieces: claim.pieces.map((piece) => ("insert" in piece ? piece : { ...piece, end: piece.end - 1 })),
});

test("each claim of a sentence has what is proved of it alone", () => {
  assert.deepEqual(judge("A mile is 1.6 kilometres, and 12 % of 250 is 35."), {
    "A mile is 1.6 kilometres": "supported",
    "12 % of 250 is 35": "refuted",
  });
});

test("what a pronoun stands for is read with the claim, against sources too", () => {
  const source = {
    sourceId: "s",
    title: "Notes",
    text: "The Alder Bridge has 4 towers. The Rose Bridge has 2 towers.",
  };
  const judged = judge("The Alder Bridge opened in 1932. It has 2 towers.", [source]);
  assert.equal(judged["The Alder Bridge has 2 towers"], "refuted");
});

test("the cells of a row of totals are claims of their own, and each is held against its own column", () => {
  const table =
    "| Item | Cost | Pieces |\n|---|---|---|\n| Nails | 10 | 3 |\n| Bolts | 20 | 4 |\n| **Total** | 30 | 8 |\n";
  const judged = judge(table);
  assert.deepEqual([judged["Total — Cost: 30"], judged["Total — Pieces: 8"]], ["supported", "refuted"]);
  assert.equal(judged["Nails — Cost: 10"], "unresolved");
});
