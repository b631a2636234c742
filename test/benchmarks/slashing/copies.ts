/** One weak validator, and then the same sixty times over: whose verdicts move. */
import { aggregate, createLabelTable, findProbes, type Label } from "@mira/inference";
import { seededRandom, type SeededRandom } from "@mira/testing";
import { checkAtMost, type Check } from "./check.ts";

const ITEMS = 600;
const PROBES = 100;
const COPIES = 60;
const HONEST = [0.85, 0.8, 0.8, 0.75, 0.75, 0.75, 0.7, 0.7, 0.7, 0.65, 0.65];
const WEAK = 0.52;
const SEEDS = 3;
/** Every claim with more on one side than on the other gets a verdict, so that one vote too many would show. */
const CONFIDENCE_MIN = 0.5;

type Case = {
  readonly name: string;
  readonly probes: number;
  /** Share of claims on which a copy answers for itself, to look like somebody else. */
  readonly noise: number;
  /** Whether the network knows that they are one family, or has to find it from the labels. */
  readonly isDeclared: boolean;
  /** Absent: shown, and held to nothing. */
  readonly movedMax?: number;
};
const CASES: readonly Case[] = [
  { name: "copies, with probes", probes: PROBES, noise: 0, isDeclared: false, movedMax: 0 },
  { name: "copies, no probes", probes: 0, noise: 0, isDeclared: false, movedMax: 0 },
  {
    name: "copies of a declared family, with probes",
    probes: PROBES,
    noise: 0,
    isDeclared: true,
    movedMax: 0,
  },
  {
    name: "copies that now and then answer for themselves, found from labels",
    probes: PROBES,
    noise: 0.05,
    isDeclared: false,
  },
  {
    name: "copies that now and then answer for themselves, declared",
    probes: PROBES,
    noise: 0.05,
    isDeclared: true,
  },
];

export function measureCopies(seed: number, print: (row: object) => void): readonly Check[] {
  return CASES.flatMap((each) => {
    let [moved, leaningsMoved, movedByMajority, verdicts] = [0, 0, 0, 0];
    for (let at = 0; at < SEEDS; at++) {
      const world = drawWorld(each, seededRandom(seed + at));
      const [one, sixty] = [infer(world, each, 1), infer(world, each, COPIES)];
      moved += count(one.verdicts, sixty.verdicts);
      leaningsMoved += count(one.leanings, sixty.leanings);
      movedByMajority += count(one.majority, sixty.majority);
      verdicts += one.verdicts.filter((verdict) => verdict >= 0).length;
    }
    print({
      case: each.name,
      copies: COPIES,
      items: SEEDS * ITEMS,
      verdicts,
      moved,
      leaningsMoved,
      movedByMajority,
      seeds: SEEDS,
      firstSeed: seed,
    });
    if (each.movedMax === undefined) return [];
    return [
      checkAtMost(`verdicts moved by ${COPIES} ${each.name}`, moved, each.movedMax),
      checkAtMost(`sides of the posterior moved by ${COPIES} ${each.name}`, leaningsMoved, each.movedMax),
    ];
  });
}

type World = {
  readonly truths: readonly number[];
  readonly honest: readonly number[][];
  readonly weak: readonly number[][];
};

/** Labels by item: of each honest validator, and of the weak one and its copies. */
function drawWorld({ noise }: Case, random: SeededRandom): World {
  const read = (truth: number, accuracy: number) => (random.next() < accuracy ? truth : 1 - truth);
  const truths = Array.from({ length: ITEMS }, () => random.integer(0, 1));
  const weak = truths.map((truth) => {
    const said = read(truth, WEAK);
    return Array.from({ length: COPIES }, (_, at) =>
      at > 0 && random.next() < noise ? read(truth, WEAK) : said,
    );
  });
  return { truths, honest: truths.map((truth) => HONEST.map((accuracy) => read(truth, accuracy))), weak };
}

function infer({ truths, honest, weak }: World, { probes, isDeclared }: Case, copies: number) {
  const name = (item: number) => `i${String(item).padStart(4, "0")}`;
  const labels = truths.flatMap((_, item): Label[] => [
    ...(honest[item] ?? []).map((label, at) => ({
      item: name(item),
      validator: `honest ${at}`,
      label: String(label),
    })),
    ...(weak[item] ?? [])
      .slice(0, copies)
      .map((label, at) => ({ item: name(item), validator: `weak ${at}`, label: String(label) })),
  ]);
  const table = createLabelTable(labels);
  const known = new Map(truths.slice(0, probes).map((truth, item) => [name(item), String(truth)]));
  const families = Int32Array.from(table.validators, (validator, at) =>
    validator.startsWith("weak") ? -1 : at,
  );
  const { verdicts, posterior } = aggregate(table, {
    probes: findProbes(table, known),
    confidenceMin: CONFIDENCE_MIN,
    ...(isDeclared ? { families } : {}),
  });
  /** Which side the posterior is on, verdict or not. */
  const leanings = truths.map((_, item) => toSide((posterior[item * 2 + 1] ?? 0.5) - 0.5));
  return {
    verdicts,
    leanings,
    majority: truths.map((_, item) => findMajority(honest[item] ?? [], weak[item] ?? [], copies)),
  };
}

/** -1, 0 or 1: what is within rounding of an even split is on neither side. */
function toSide(lead: number): number {
  return Math.abs(lead) < 1e-9 ? 0 : Math.sign(lead);
}

function findMajority(honest: readonly number[], weak: readonly number[], copies: number): number {
  const votes = [...honest, ...weak.slice(0, copies)];
  const trues = votes.filter((vote) => vote === 1).length;
  return Math.sign(trues * 2 - votes.length);
}

function count(one: ArrayLike<number>, other: ArrayLike<number>): number {
  return Array.from(one).filter((verdict, at) => verdict !== other[at]).length;
}
