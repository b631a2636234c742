/** Correlated Agreement: what validators earn who do not look at the claim. */
import { createLabelTable, scoreCorrelatedAgreement, type Label } from "@mira/inference";
import { seededRandom, type SeededRandom } from "@mira/testing";
import { checkAtLeast, checkAtMost, type Check } from "./check.ts";

const ITEMS = 2_000;
const SEEDS = 30;
const TRUE_RATE = 0.7;

type Strategy = (truth: boolean, random: SeededRandom) => boolean;
const honest =
  (accuracy: number): Strategy =>
  (truth, random) =>
    random.next() < accuracy ? truth : !truth;
const HONEST: Readonly<Record<string, Strategy>> = {
  "honest .9": honest(0.9),
  "honest .8": honest(0.8),
  "honest .7": honest(0.7),
  "honest .85": honest(0.85),
};
const LAZY: Readonly<Record<string, Strategy>> = {
  "always true": () => true,
  "base rate": (_, random) => random.next() < TRUE_RATE,
};
/** A mean over 30 seeds of 2,000 items has a standard error of .0015 at most; this is four of them. */
const NOTHING = 0.006;

export function measureLazy(seed: number, print: (row: object) => void): readonly Check[] {
  const totals = new Map<string, number>();
  for (let at = 0; at < SEEDS; at++)
    for (const [validator, score] of scoreOnce(seededRandom(seed + at)))
      totals.set(validator, (totals.get(validator) ?? 0) + score / SEEDS);
  for (const [validator, score] of totals)
    print({ validator, score, items: ITEMS, seeds: SEEDS, firstSeed: seed });
  return [
    ...Object.keys(LAZY).map((it) =>
      checkAtMost(`earned by "${it}"`, Math.abs(totals.get(it) ?? 1), NOTHING),
    ),
    checkAtLeast("earned by the worst honest validator", totals.get("honest .7") ?? 0, 10 * NOTHING),
  ];
}

function scoreOnce(random: SeededRandom): ReadonlyMap<string, number> {
  const labels: Label[] = [];
  for (let item = 0; item < ITEMS; item++) {
    const truth = random.next() < TRUE_RATE;
    for (const [validator, strategy] of Object.entries({ ...HONEST, ...LAZY }))
      labels.push({ item: `i${item}`, validator, label: String(strategy(truth, random)) });
  }
  const table = createLabelTable(labels);
  const { score } = scoreCorrelatedAgreement(table);
  return new Map(table.validators.map((validator, at) => [validator, score[at] ?? 0]));
}
