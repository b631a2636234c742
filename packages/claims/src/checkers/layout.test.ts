import assert from "node:assert/strict";
import { test } from "node:test";
import { examineIn, type CaseIn } from "./examine.fixture.ts";

const LIST = "\n\n- red\n- yellow\n- blue\n\nThat is all.";
const NESTED = "\n\n- red\n  - dark\n- yellow\n- blue\n";
const COSTS = `| Item | Cost |
| --- | ---: |
| Desk | 120 |
| Chair | 45 |
| Lamp | 1,035 |
`;

const cases: readonly CaseIn[] = [
  // lists
  ["refuted", "There are four primary colours:", LIST],
  ["refuted", "The following 2 colours are primary:", LIST],
  ["supported", "The list below has three items.", LIST],
  ["refuted", "The list below contains exactly 5 items.", LIST],
  ["refuted", "There are three primary colours: red, yellow, blue and green."],
  ["refuted", "The two causes are as follows: greed, fear, and folly."],
  ["refuted", "The list has 3 different items.", "\n\n1. red\n2. blue\n3. Red\n"],
  // the count is right, and the rest of the claim is not checked
  ["unresolved", "There are three primary colours:", LIST],
  ["unresolved", "There are three primary colours: red, yellow and blue."],
  // refusals to guess
  ["unresolved", "There are four primary colours:", NESTED],
  ["unresolved", "There are seven colours, some of them:", LIST],
  ["unresolved", "There are at least two colours:", LIST],
  ["unresolved", "The two teams played the following matches:", LIST],
  ["unresolved", "There are four primary colours.", "\n\nNot at all.\n\n- red\n- blue\n"],
  ["unresolved", "In 1990 there were 5 of them:", LIST],
  ["unresolved", "There are two staples: salt and pepper, oil."],
  ["unresolved", "There are two staples: salt, oil (olive, nut)."],
  ["unresolved", "About five colours:", LIST],
  ["unresolved", "The two pairs are: red, green, blue, yellow."],
  ["unresolved", "The list has 3 items.", "\n\n1. red\n2. blue\n3. Red\n"],
  ["unresolved", "There are not four primary colours:", LIST],
  // totals of tables
  ["supported", "The Cost column adds up to 1,200.", `\n\n${COSTS}`],
  ["refuted", "The Cost column adds up to 1,300.", `\n\n${COSTS}`],
  ["refuted", "The total cost is 1,190.", `\n\n${COSTS}`],
  ["refuted", "| Total | 1,210 |", "\n", COSTS],
  ["supported", "| **Total** | **1,200** |", "\n", COSTS],
  // refusals to guess
  ["unresolved", "The total is 1,300.", `\n\n${COSTS}`],
  ["unresolved", "The total cost of 2 desks is 240.", `\n\n${COSTS}`],
  ["unresolved", "| Total | 1,210 |", "\n", COSTS.replace("Cost", "Unit price")],
  ["unresolved", "| Total | 1,210 |", "\n", COSTS.replace("| 45", "| n/a")],
  ["unresolved", "| Total | 1,210 |", "\n", COSTS.replace("| Lamp", "| Subtotal")],
  ["unresolved", "| Total | 1,210 |", "\n", COSTS.replace("1,035", "1.035,0")],
  [
    "unresolved",
    "| Total | 10.1 |",
    "\n",
    "| A | Mass |\n|---|---|\n| x | 3.3 |\n| y | 3.3 |\n| z | 3.4 |\n",
  ],
  ["unresolved", "The total cost is 1,190.", `\n\n${COSTS}\n\n${COSTS}`],
];
for (const [verdict, text, after = "", before = ""] of cases)
  test(`${verdict}: ${text} ${JSON.stringify(after)}`, () =>
    assert.equal(examineIn(text, after, before), verdict));
