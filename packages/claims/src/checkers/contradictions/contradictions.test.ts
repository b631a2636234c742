import assert from "node:assert/strict";
import { test } from "node:test";
import { reportIn } from "../examine.fixture.ts";

const rows: ReadonlyArray<readonly [isFlagged: boolean, text: string, elsewhere: string]> = [
  [true, "The Alder Bridge opened in 1932.", "The Alder Bridge opened in 1934."],
  [true, "The Alder Bridge is 1,149 metres long.", "The Alder Bridge is 1,249 metres long."],
  [true, "The treaty was signed on 4 July 1919.", "The treaty was signed on 28 July 1919."],
  [true, "Penguins can fly.", "Penguins cannot fly."],
  [true, "Harlow did not ratify the treaty.", "Harlow ratified the treaty."],
  // another time, another scope, rounding, another thing, a doubt
  [false, "The town had 5,000 inhabitants in 1950.", "The town had 9,000 inhabitants in 2000."],
  [false, "The bridge carried 900 cyclists.", "In 2010 the bridge carried 800 cyclists."],
  [false, "The bridge is 1,149 metres long.", "The bridge is about 1,100 metres long."],
  [false, "The bridge is 48 metres wide.", "The bridge is 1,149 metres long."],
  [false, "The Alder Bridge opened in 1932.", "The Elm Bridge opened in 1934."],
  [false, "The club won 14 medals.", "The club won 3 medals in 1998."],
  [false, "Penguins can fly.", "Some penguins cannot fly."],
  [false, "If it rains, penguins fly.", "Penguins do not fly."],
  [false, "Harlow beat Milton.", "Milton did not beat Harlow."],
  [false, "The bridge opened in 1932.", "The bridge opened in 1932."],
];
for (const [isFlagged, text, elsewhere] of rows)
  test(`${isFlagged ? "flagged" : "left alone"}: ${text} ${elsewhere}`, () => {
    for (const surroundings of [{ after: ` ${elsewhere}` }, { before: `${elsewhere} ` }]) {
      const report = reportIn(text, surroundings);
      const note = report.notes.find(({ checker }) => checker === "contradictions");
      assert.equal(note?.flag, isFlagged ? "contradicts-response" : undefined, note?.witness);
      assert.equal(report.verdict, "unresolved");
    }
  });
