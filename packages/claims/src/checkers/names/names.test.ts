import assert from "node:assert/strict";
import { test } from "node:test";
import type { Verdict } from "@mira/primitives";
import { recheckWitness, runCheckers, type Source } from "../../index.ts";
import { reportIn } from "../examine.fixture.ts";

const SOURCE: Source = {
  sourceId: "bridge",
  title: "Alder Bridge",
  text: `The Alder Bridge was designed by the engineer Mary Holt. The opera "Tides" was composed by Ruth Quist and Ida Falk.
The tower of Harlow was built by John Smith in 1901. Holt lived in Milton.`,
};

const rows: ReadonlyArray<readonly [verdict: Verdict, text: string, flagged: boolean]> = [
  ["supported", "The source mentions Mary Holt.", false],
  ["refuted", "The source mentions Nora Bruun.", false],
  ["refuted", "The Alder Bridge was designed by Nora Bruun.", false],
  ["refuted", "The tower of Harlow was built by Peter Gant.", false],
  // all that is said of known names, and all that a source may have left out
  ["unresolved", "The Alder Bridge was designed by Mary Holt.", false],
  ["unresolved", "The bridge was painted by Nora Bruun.", true],
  ["unresolved", "The engineer Nora Bruun lived in Milton.", true],
  ["unresolved", "The Alder Bridge was designed by John Smith.", false],
  ["unresolved", "The Alder Bridge was designed by M. Holt.", false],
  ["unresolved", "The Alder Bridge was designed by Nora Bruun and Ida Falk.", true],
  ["unresolved", 'The opera "Tides" was composed by Nora Bruun.', true],
  ["unresolved", "The Elm Bridge was designed by Nora Bruun.", true],
  ["unresolved", "The Alder Bridge was not designed by Nora Bruun.", false],
  ["unresolved", "The source mentions Mary Bruun.", false],
  ["unresolved", "The source mentions Nora Bruun and Ida Falk.", true],
  ["unresolved", "The bridge opened in March.", false],
];
for (const [verdict, text, flagged] of rows)
  test(`${verdict}${flagged ? ", flagged" : ""}: ${text}`, () => {
    const report = reportIn(text, { sources: [SOURCE] });
    const note = report.notes.find(({ checker }) => checker === "names");
    assert.equal(report.verdict, verdict);
    assert.equal(note?.flag, flagged ? "not-in-sources" : undefined, note?.witness);
  });

test("without a source, and against one in another language, names say nothing", () => {
  const french =
    "Le pont des Aulnes fut ouvert devant une foule immense venue de toute la vallée et des villages voisins, où chantaient les enfants";
  for (const sources of [[], [{ sourceId: "f", title: "", text: french }]]) {
    const { verdict, notes } = reportIn("The bridge was designed by Nora Bruun.", { sources });
    assert.equal(verdict, "unresolved");
    assert.ok(notes.every(({ flag }) => flag === undefined));
  }
});

test("a witness is not confirmed once a source has the claimed name", () => {
  const text = "The Alder Bridge was designed by Nora Bruun.";
  const claim = { text, start: 0, end: text.length };
  const evidence = runCheckers(claim, text, [SOURCE]).evidence.find(({ checker }) => checker === "names");
  assert.ok(evidence);
  assert.ok(recheckWitness(evidence, claim, text, [SOURCE]));
  const other = { sourceId: "other", title: "", text: "Nora Bruun designed the bridge." };
  assert.equal(recheckWitness(evidence, claim, text, [SOURCE, other]), false);
});
