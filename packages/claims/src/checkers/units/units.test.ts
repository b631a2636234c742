import assert from "node:assert/strict";
import { test } from "node:test";
import Qty from "js-quantities";
import { examine, type Case } from "../examine.fixture.ts";
import { convertExactly } from "./convert.ts";
import { UNIT_NAMES } from "./unit-names.ts";

const cases: readonly Case[] = [
  ["supported", "8,848.86 m is 29,031.7 ft."],
  ["refuted", "8,848.86 m is 29,032.7 ft."],
  ["refuted", "Mount Everest is 8,848.86 m (29,301.7 ft) tall."],
  ["refuted", "The marathon is 42.195 km (28.2 miles) long."],
  ["supported", "A mile is 1.6 km."],
  ["supported", "One nautical mile is 1,852 metres."],
  ["refuted", "A mile is 1.7 km."],
  ["supported", "5 miles is about 8 kilometres."],
  ["supported", "There are 12 inches in a foot."],
  ["refuted", "There are 10 inches in a foot."],
  ["supported", "An hour has 60 minutes."],
  ["refuted", "A week has 6 days."],
  ["supported", "100 °C is 212 °F."],
  ["refuted", "100 °C equals 200 °F."],
  ["supported", "−40 °C is −40 °F."],
  ["refuted", "Water boils at 100 degrees Celsius (240 degrees Fahrenheit)."],
  ["supported", "300 K is 27 °C."],
  ["supported", "1 kg = 2.2 lb"],
  ["refuted", "1 kg = 2.5 pounds"],
  ["supported", "1 square mile equals 2.59 square kilometres."],
  ["refuted", "The train runs at 100 km/h (72 mph)."],
  ["refuted", "The farm covers 10 hectares (35 acres)."],
  ["refuted", "The lake holds 3 cubic metres, or 300 litres, of water."],
  // several sizes, and all of them say the same
  ["refuted", "5 tons is 100 kg."],
  ["refuted", "The tank holds 5 gallons (90 litres)."],
  ["refuted", "A cup is 3 litres."],
  ["refuted", "A month has 35 days."],
  ["refuted", "A year has 400 days."],
  ["supported", "A year has 52 weeks."],
  ["refuted", "The car has 200 hp (300 kW)."],
  ["refuted", "20 litres is 60 gallons."],
  // true, and yet no proof of the sentence around it
  ["unresolved", "Mount Everest is 8,848.86 m (29,031.7 ft) tall."],
  ["unresolved", "The farm covers 10 hectares (25 acres)."],
  ["unresolved", "He is 6 feet (1.83 m) tall."],
  // refusals to guess
  ["unresolved", "It lies 100 km (60 miles) away."],
  ["unresolved", "5 tons is 4,536 kg."],
  ["unresolved", "The tank holds 5 gallons (23 litres)."],
  ["unresolved", "The tank holds 5 gallons (19 litres)."],
  ["unresolved", "A cup is 240 ml."],
  ["unresolved", "8 oz is 237 ml."],
  ["unresolved", "A year has 365 days."],
  ["unresolved", "A gallon is 4 quarts."],
  ["unresolved", "1 GB is 1,000 MB."],
  ["unresolved", "It warmed by 2 °C (3.6 °F)."],
  ["unresolved", "It warmed by 2 °C (35.6 °F)."],
  ["unresolved", "It is 10 to 12 km (6 to 7 mi) away."],
  ["unresolved", "He is 5 feet 11 inches (180 cm) tall."],
  ["unresolved", "10-12 km (6-7 mi)"],
  ["unresolved", "A mile is not 2 km."],
  ["unresolved", "1,5 km is 1 mile."],
  ["unresolved", "5 km is 3 kg."],
  ["unresolved", "−500 °C is −868 °F."],
  ["refuted", "The bridge is 1,149 metres long (3,570 ft)."],
  ["unresolved", "The race is 3 km or 5 miles."],
];
for (const [verdict, text] of cases) test(`${verdict}: ${text}`, () => assert.equal(examine(text), verdict));

test("js-quantities and the exact table agree on every pair of units of one kind", () => {
  const units = [...new Set(UNIT_NAMES.values())].filter((unit) => unit !== "ambiguous");
  for (const from of units)
    for (const to of units.filter(({ kind }) => kind === from.kind)) {
      const exact = convertExactly({ n: 37n, d: 2n }, from, to);
      assert.ok(exact);
      const expected = Qty(18.5, from.quantity).to(to.quantity).scalar;
      const difference = Math.abs(Number(exact.n) / Number(exact.d) - expected);
      assert.ok(difference <= 1e-9 * Math.max(1, Math.abs(expected)), `${from.quantity} to ${to.quantity}`);
    }
});
