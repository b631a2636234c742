import assert from "node:assert/strict";
import { test } from "node:test";
import { estimateSupport, lexicalSupportChecker, SUPPORT_MODEL, type Source } from "../index.ts";
import { describeSupport } from "./describe.ts";
import { selectEvidence } from "./select-evidence.ts";

const SOURCE: Source = {
  sourceId: "bridge",
  title: "Alder Bridge",
  text: `The Alder Bridge opened to traffic on 19 March 1932 after eight years of construction. It was designed by the
engineer Mary Holt, and it carries a railway and six lanes of road over the River Tam. The ceremony was disturbed by Francis
Groot, who cut the ribbon with his sword. About 160,000 vehicles cross the bridge each day. The town council pays for its upkeep
with a toll. Painting the steelwork takes a crew of forty people all the year round.`,
};

function probabilityOf(text: string, sources: readonly Source[] = [SOURCE]): number {
  const estimate = estimateSupport(text, sources);
  if (estimate.kind === "unknown") assert.fail(estimate.reason);
  return estimate.probability;
}

const TRUE = "The Alder Bridge, designed by the engineer Mary Holt, opened to traffic on 19 March 1932.";

test("what stands in the source is likely, and each change makes it less so", () => {
  const likely = probabilityOf(TRUE);
  assert.ok(likely > 0.7, String(likely));
  const changes = [
    ["1932", "1934"],
    ["Mary Holt", "Nicholas Bruun"],
    ["opened to traffic", "collapsed in a hurricane"],
    ["by the engineer", "with elephants borrowed from a zoo by the engineer"],
  ] as const;
  for (const [from, to] of changes) {
    const changed = probabilityOf(TRUE.replace(from, to));
    assert.ok(changed < likely - 0.1, `${to}: ${changed} beside ${likely}`);
  }
});

test("what the source does not speak of is unlikely to be supported by it", () => {
  assert.ok(probabilityOf("Helsinki hosted the Summer Olympics of 1952 at its new stadium.") < 0.1);
});

test("a claim that denies what the source says gets no more than the base rate", () => {
  const source = {
    sourceId: "s",
    title: "",
    text: "The council of Milton accepted the plan for the tunnel.",
  };
  assert.ok(probabilityOf("The council of Milton accepted the plan.", [source]) > SUPPORT_MODEL.baseRate);
  for (const text of [
    "The council of Milton did not accept the plan for the tunnel.",
    "The council of Milton rejected the plan for the tunnel.",
  ])
    assert.ok(probabilityOf(text, [source]) <= SUPPORT_MODEL.baseRate, text);
});

test("nothing is known without a source, without words, and in another language", () => {
  const french =
    "Le pont des Aulnes fut ouvert le 19 mars 1932 devant une foule immense venue de toute la vallée et des villages voisins";
  const unknown: ReadonlyArray<readonly [text: string, text: string | undefined]> = [
    [TRUE, undefined],
    [TRUE, ""],
    ["1932!", SOURCE.text],
    [TRUE, french],
    ["word ".repeat(500), SOURCE.text],
  ];
  for (const [text, source] of unknown) {
    const sources = source === undefined ? [] : [{ sourceId: "s", title: "", text: source }];
    assert.equal(estimateSupport(text, sources).kind, "unknown", text.slice(0, 40));
  }
});

test("little evidence says little: a scrap of a source leaves the probability near the base rate", () => {
  const scrap = { sourceId: "s", title: "", text: "Toll." };
  const probability = probabilityOf("Francis Groot cut the ribbon of the bridge with a sword.", [scrap]);
  const full = probabilityOf("Zebras graze on the football pitch of Harlow Town.");
  assert.ok(Math.abs(probability - SUPPORT_MODEL.baseRate) < 0.1, String(probability));
  assert.ok(full < probability - 0.1);
});

test("of a long source only the closest passages are held against the claim", () => {
  const filler = "Elsewhere the council debated drains, lamps and the price of coal at length. ".repeat(200);
  const long = { ...SOURCE, text: `${filler}\n\n${SOURCE.text}\n\n${filler}` };
  const chosen = selectEvidence(TRUE, [long]);
  assert.ok(chosen.join(" ").length < 2500);
  assert.ok(chosen.some((sentence) => sentence.includes("19 March 1932")));
  assert.ok(Math.abs(probabilityOf(TRUE, [long]) - probabilityOf(TRUE)) < 0.15);
});

test("the witness names what was not found", () => {
  const estimate = lexicalSupportChecker.estimate(
    { text: "Mary Holt and Nora Quist opened it in 1955.", start: 0, end: 43 },
    "",
    [SOURCE],
  );
  assert.ok(estimate.kind === "estimate");
  assert.match(estimate.witness, /figures not found \["1955"\]; names not found \["nora","quist"\]/);
});

test("a figure rounded to what it prints is found, a wrong one is not", () => {
  const describe = (claim: string) => describeSupport(claim, ["The town has 3,512,408 inhabitants."]);
  assert.deepEqual(describe("The town has 3.5 million inhabitants.")?.missing.figures, []);
  assert.deepEqual(describe("The town has 3.6 million inhabitants.")?.missing.figures, ["3.6 million"]);
});
