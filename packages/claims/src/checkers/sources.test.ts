import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "../index.ts";
import { examine, type Case } from "./examine.fixture.ts";

const SOURCES: readonly Source[] = [
  {
    sourceId: "bridge",
    title: "Alder Bridge",
    text: `# Alder Bridge

The Alder Bridge opened on 19 March 1932. The bridge is 1,149 metres long and 48.8 metres wide.
Its engineer, Mary Holt, wrote: "The steelwork was a triumph of patience over haste."
About 160,000 vehicles cross the bridge each day. The bridge cost £6.25 million.
The approaches of the bridge used 12,000 rivets. The bridge never carried 40 trains.
In 2010 the bridge carried 900 cyclists each week.`,
  },
  {
    sourceId: "club",
    title: "Rowing",
    text: "Harlow beat Milton by 3 lengths. The club has 1,204 members. The club won 14 medals in 1998. The club had between 10 and 20 boats.",
  },
];

const cases: readonly Case[] = [
  // figures
  ["supported", "The Alder Bridge opened in 1932."],
  ["refuted", "The Alder Bridge opened in 1933."],
  ["supported", "The Alder Bridge opened on 19 March 1932."],
  ["refuted", "The Alder Bridge opened on 20 March 1932."],
  ["supported", "The Alder Bridge is **1,149 metres** long."],
  ["refuted", "The Alder Bridge is 1,249 metres long."],
  ["supported", "The bridge has a length of 1,149 metres."],
  ["supported", "The bridge is 48.8 metres wide."],
  ["refuted", "The bridge is 48.8 metres long."],
  ["supported", "About 160,000 vehicles cross the bridge each day."],
  ["refuted", "About 120,000 vehicles cross the bridge each day."],
  ["supported", "The bridge cost £6.25 million."],
  ["supported", "The bridge cost £6.3 million."],
  ["refuted", "The bridge cost £62.5 million."],
  ["supported", "Harlow beat Milton by 3 lengths."],
  ["refuted", "The club has 1,240 members."],
  ["supported", "The club has 1.2 thousand members."],
  // figures: refusals to guess
  ["unresolved", "Milton beat Harlow by 3 lengths."],
  ["unresolved", "The bridge cost $6.25 million."],
  ["unresolved", "The bridge used 12,000 rivets."],
  ["unresolved", "The bridge carried 40 trains."],
  ["unresolved", "The bridge carried 800 cyclists each week."],
  ["unresolved", "The club won 15 medals."],
  ["unresolved", "The club had 12 boats."],
  ["unresolved", "The club has over 1,100 members."],
  ["unresolved", "The bridge did not open in 1933."],
  ["unresolved", "The Alder Tunnel opened in 1933."],
  ["unresolved", "The bridge is 3,770 feet long."],
  ["unresolved", "The bridge was painted by 16 workers."],
  // quotations
  ["supported", 'Mary Holt wrote: "The steelwork was a triumph of patience over haste."'],
  ["supported", "According to the source, the steelwork was “a triumph of   patience over haste”."],
  ["supported", 'The engineer wrote that "the steelwork was … patience over haste".'.replace('"the', '"The')],
  ["refuted", 'Mary Holt wrote: "The steelwork was a triumph of haste over patience."'],
  ["refuted", "The engineer called it “a triumph of patience over money and haste”."],
  ["refuted", '"The steelwork was a triumph of patience over money", Mary Holt wrote.'],
  // quotations: refusals to guess
  ["unresolved", 'Winston Churchill said: "The steelwork was a triumph of patience over haste."'],
  ["unresolved", 'The source says "nothing of this sort was ever said".'],
  ["unresolved", 'Mary Holt wrote: "The [bridge] was a triumph of patience over haste."'],
  ["unresolved", 'They call it "the bridge".'],
  ["unresolved", 'Mary Holt never wrote "The steelwork was a triumph of patience over money".'],
  ["unresolved", "The steelwork was a triumph of patience over money."],
];
for (const [verdict, text] of cases)
  test(`${verdict}: ${text}`, () => assert.equal(examine(text, SOURCES), verdict));

test("without a source neither a figure nor a quotation is judged", () => {
  assert.equal(examine("The Alder Bridge opened in 1933."), "unresolved");
  assert.equal(
    examine('Mary Holt wrote: "The steelwork was a triumph of haste over patience."'),
    "unresolved",
  );
});

test("sources that contradict each other decide nothing", () => {
  const other = { sourceId: "other", title: "", text: "The club has 1,300 members." };
  assert.equal(examine("The club has 1,204 members.", [...SOURCES, other]), "unresolved");
});

test("a source beyond the bounds is not searched", () => {
  const long = {
    sourceId: "long",
    title: "",
    text: `${"word ".repeat(120_000)} The club has 1,204 members.`,
  };
  assert.equal(examine("The club has 1,204 members.", [long]), "unresolved");
});
