/** What each checker must refuse, and what becomes of a proved claim when one digit of it is changed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "../index.ts";
import { examine, reportIn } from "./examine.fixture.ts";

type Refusal = readonly [
  checker: string,
  why: string,
  text: string,
  after?: string,
  sources?: readonly Source[],
];
const TOWN: Source = {
  sourceId: "town",
  title: "Milton",
  text: "The town of Milton has 5,204 inhabitants. Its mayor is Ruth Quist.",
};
const SPANISH: Source = {
  sourceId: "es",
  title: "",
  text: "La ciudad tiene cinco mil habitantes y su alcaldesa vive cerca del puente viejo desde hace muchos inviernos largos.",
};

/** Each must leave its claim open: no proof, no refutation, by any checker. */
const refusals: readonly Refusal[] = [
  ["arithmetic", "an operand is not in the text", "The total rose by 12 % to 280."],
  ["arithmetic", "an operand is not in the text", "Together with last year's they make 50."],
  ["arithmetic", "two readings of a number", "1.234 + 1 = 1.235,0"],
  ["arithmetic", "a sign that may be a dash", "–3 + 5 = 2"],
  ["arithmetic", "a mixed number", "3 1/2 + 1 = 3.5"],
  ["arithmetic", "a mixed number in words", "Two times three and a half is 6."],
  ["arithmetic", "a notation that is not read", "1e3 + 1 = 2"],
  ["arithmetic", "out of bounds", "10^10^10 = 10"],
  [
    "tables",
    "a cell that is not read",
    "The total cost is 9.",
    "\n\n| Item | Cost |\n|---|---|\n| a | 1 |\n| b | ? |\n",
  ],
  [
    "tables",
    "no table is named",
    "The total is 9.",
    "\n\n| Item | Cost |\n|---|---|\n| a | 1 |\n| b | 2 |\n",
  ],
  ["units", "sizes that disagree", "5 tons is 4,536 kg."],
  ["units", "sizes that disagree", "A gallon is 3.785 litres."],
  ["units", "sizes that disagree", "A cup is 237 ml."],
  ["units", "a temperature or a difference", "It warmed by 10 °C (18 °F)."],
  ["dates", "an era", "In 44 BC, 29 February was a Monday."],
  ["dates", "another calendar", "In the Julian calendar 29 February 1900 was a Tuesday."],
  ["dates", "the calendar had not changed everywhere", "4 July 1700 was a Sunday."],
  ["dates", "day or month first", "03/04/2021 was a Saturday."],
  ["dates", "a decade", "Born in the 1990s, she was 40 in 2001."],
  ["dates", "a quarter", "Q3 2021 has 91 days."],
  [
    "quotation",
    "a paraphrase",
    'The source says "there live about five thousand people in Milton".',
    "",
    [TOWN],
  ],
  ["figures", "a paraphrase", "Some 9,000 people call Milton their home.", "", [TOWN]],
  ["figures", "another language", "The city has 9,000 inhabitants.", "", [SPANISH]],
  ["names", "a source may leave names out", "The baker of Milton is Nora Bruun.", "", [TOWN]],
  ["names", "another language", "The mayor is Nora Bruun.", "", [SPANISH]],
  ["citations", "existence needs a register", "doi:10.9999/no.such.thing is a valid DOI."],
  ["citations", "existence needs a register", "The paper arXiv:2401.99999 proves it."],
  ["formats", "no schema is given", "The JSON below conforms to the schema.", '\n\n```json\n{"a": 1}\n```\n'],
  [
    "formats",
    "a pattern that could stall",
    "`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!` matches the pattern `^(a|a)*$`.",
  ],
  ["code", "no compiler is loaded", "The code below compiles.", "\n\n```ts\nconst x: = 1;\n```\n"],
  ["counts", "nested lists", "There are 3 reasons:", "\n\n- a\n  - b\n- c\n"],
  ["counts", "not all are listed", "There are 30 reasons, for example:", "\n\n- a\n- c\n"],
  [
    "contradictions",
    "it flags and never decides",
    "Milton has 9,000 inhabitants.",
    " Milton has 5,204 inhabitants.",
  ],
];
for (const [checker, why, text, after = "", sources = []] of refusals)
  test(`${checker} leaves open, ${why}: ${text}`, () => {
    const report = reportIn(text, { after, sources });
    assert.deepEqual(report.evidence, []);
    assert.equal(report.verdict, "unresolved");
  });

/** Proved, with the place of the figure that is printed as the result. */
const proved: ReadonlyArray<readonly [text: string, result: string]> = [
  ["12 % of 250 is 30.", "30"],
  ["1,204 + 387 = 1,591", "1,591"],
  ["The sum of 20, 30 and 50 is 100.", "100"],
  ["45 out of 220 is 20.5 %.", "20.5"],
  ["12 boxes at 5 euros each cost 60 euros.", "60"],
  ["80 reduced by 20 % is 64.", "64"],
  ["The square root of 144 is 12.", "12"],
  ["8,848.86 m is 29,031.7 ft.", "29,031.7"],
  ["100 °C is 212 °F.", "212"],
  ["One nautical mile is 1,852 metres.", "1,852"],
  ["There are 31 days between 1 January 2024 and 1 February 2024.", "31 days"],
  ["15 March 2024 is 14 days after 1 March 2024.", "14"],
  ["April has 30 days.", "30"],
];
for (const [text, result] of proved)
  test(`one digit changed: ${text}`, () => {
    assert.equal(examine(text), "supported");
    const from = text.lastIndexOf(result);
    for (let at = 0; at < text.length; at++)
      for (const digit of "0123456789") {
        if (!/\d/.test(text[at] ?? "") || text[at] === digit) continue;
        const changed = text.slice(0, at) + digit + text.slice(at + 1);
        const isResult = at >= from && at < from + result.length;
        // "0591" is no number any more, and two ends may be counted: such prints are left open, and never proved.
        const isOpen = /(?<![\d.,])0[\d,]/.test(changed) || changed.includes("32 days between");
        if (isResult && !isOpen) assert.equal(examine(changed), "refuted", changed);
        else assert.notEqual(isResult ? examine(changed) : "", "supported", changed);
      }
  });

test("an operand changed by a digit is never proved with the old result", () => {
  for (const [text, changed] of [
    ["12 % of 250 is 30.", "13 % of 250 is 30."],
    ["12 % of 250 is 30.", "12 % of 350 is 30."],
    ["1,204 + 387 = 1,591", "1,204 + 388 = 1,591"],
    ["4 July 1776 was a Thursday.", "5 July 1776 was a Thursday."],
    ["4 July 1776 was a Thursday.", "4 July 1777 was a Thursday."],
    ["2000 was a leap year.", "2001 was a leap year."],
  ] as const) {
    assert.equal(examine(text), "supported");
    assert.notEqual(examine(changed), "supported", changed);
  }
});
