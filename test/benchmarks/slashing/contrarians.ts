/** A thousand honest validators who often stand against a majority that errs together; and guessers in the same worlds. */
import {
  computeExpectedProbes,
  DEFAULT_MONITOR_PLAN,
  DriftMonitor,
  SPRT_START,
  updateSprt,
} from "@mira/drift";
import { seededRandom, type SeededRandom } from "@mira/testing";
import { checkAtLeast, checkAtMost, type Check } from "./check.ts";

const VALIDATORS = 1_000;
const GUESSERS = 200;
const ACCURACY = 0.8;
const HISTORY = 600;
const CLAIMS = 1_000;
/** Half of the claims: many more than a network would spend, and so many more chances to be convicted wrongly. */
const PROBE_RATE = 0.5;
const PLAN = { ...DEFAULT_MONITOR_PLAN, learningClaims: HISTORY, probeRate: PROBE_RATE };

/** How right the majority is while the monitor learns, and afterwards. */
type World = { readonly name: string; readonly before: number; readonly after: number };
const WORLDS: readonly World[] = [
  { name: "majority wrong more often than right", before: 0.4, after: 0.4 },
  { name: "majority turns wrong after the history", before: 0.75, after: 0.35 },
  { name: "majority errs together, right 6 times in 10", before: 0.6, after: 0.6 },
];

const PEERS = 14;
/** A peer follows what its family makes of the claim this often, and otherwise its own reading. */
const FOLLOWS = 0.9;

type Outcome = {
  readonly world: string;
  readonly levels: ReadonlySet<string>;
  readonly agreement: number;
  readonly accuracy: number;
  readonly probes: number;
  readonly isConvictedByDeviation: boolean;
};

export function measureContrarians(seed: number, print: (row: object) => void): readonly Check[] {
  const honest = simulate(VALIDATORS, seed, ACCURACY);
  const guessers = simulate(GUESSERS, seed + VALIDATORS, 0.5);
  for (const { name } of WORLDS)
    print({
      who: "contrarian",
      ...summarise(honest.filter(({ world }) => world === name)),
      world: name,
      seed,
    });
  print({ who: "guesser", ...summarise(guessers), world: "all", seed: seed + VALIDATORS });
  const convicted = guessers.filter(({ levels }) => levels.has("convict"));
  const probes = convicted.reduce((sum, each) => sum + each.probes, 0) / Math.max(1, convicted.length);
  return [
    checkAtLeast("contrarians simulated", honest.length, VALIDATORS),
    checkAtMost("contrarians convicted", honest.filter(({ levels }) => levels.has("convict")).length, 0),
    checkAtMost("guessers not convicted", GUESSERS - convicted.length, 0),
    checkAtMost("mean probes to convict a guesser", probes, 2 * computeExpectedProbes(PLAN.sprt).toConvict),
  ];
}

function simulate(validators: number, seed: number, accuracy: number): readonly Outcome[] {
  return Array.from({ length: validators }, (_, at) =>
    live(
      WORLDS[at % WORLDS.length] ?? { name: "", before: 0.5, after: 0.5 },
      accuracy,
      seededRandom(seed + at),
    ),
  );
}

/** One validator's life: a history to learn from, then claims, half of them probes that are scored and then opened. */
function live(world: World, accuracy: number, random: SeededRandom): Outcome {
  const draw = (majority: number) => drawClaim(majority, accuracy, random);
  const history = Array.from({ length: HISTORY }, () => draw(world.before));
  const monitor = DriftMonitor.fromHistory(PLAN, [
    ...history.map(({ claim }) => ({ kind: "claim" as const, claim })),
    ...history
      .filter(({ isProbe }) => isProbe)
      .map(({ claim, isCorrect }) => ({ kind: "probe" as const, domain: claim.domain, isCorrect })),
  ]);
  const levels = new Set<string>();
  let [agreed, correct, deviation] = [0, 0, SPRT_START];
  for (let at = 0; at < CLAIMS; at++) {
    const { claim, isCorrect, isProbe, agrees } = draw(world.after);
    monitor.observe({ kind: "claim", claim });
    if (isProbe) monitor.observe({ kind: "probe", domain: claim.domain, isCorrect });
    levels.add(isProbe ? monitor.observe({ kind: "opened-probe", isCorrect }) : monitor.level);
    [agreed, correct] = [agreed + (agrees ? 1 : 0), correct + (isCorrect ? 1 : 0)];
    deviation = updateSprt(PLAN.sprt, deviation, agrees);
  }
  return {
    world: world.name,
    levels,
    agreement: agreed / CLAIMS,
    accuracy: correct / CLAIMS,
    probes: monitor.report().sprt.probes,
    isConvictedByDeviation: deviation.verdict === "convicted",
  };
}

/** True or false. Two families, each of which reads a claim once for all its members: the majority is as right as they are together. */
function drawClaim(majority: number, accuracy: number, random: SeededRandom) {
  const truth = random.integer(0, 1);
  const read = (rate: number) => (random.next() < rate ? truth : 1 - truth);
  const shared = read(majority);
  const readings = [shared, random.next() < 0.7 ? shared : read(majority)];
  const peers = Array.from({ length: PEERS }, (_, at) => ({
    peer: `p${at}`,
    answer: random.next() < FOLLOWS ? (readings[at % 2] ?? shared) : read(0.6),
  }));
  const answer = read(accuracy);
  const trues = peers.filter((peer) => peer.answer === 1).length;
  const agrees = trues * 2 === PEERS || answer === (trues * 2 > PEERS ? 1 : 0);
  const claim = { domain: random.next() < 0.5 ? "law" : "medicine", options: 2, answer, peers };
  return { claim, isCorrect: answer === truth, isProbe: random.next() < PROBE_RATE, agrees };
}

function summarise(outcomes: readonly Outcome[]) {
  const count = (level: string) => outcomes.filter(({ levels }) => levels.has(level)).length;
  const mean = (value: (outcome: Outcome) => number) =>
    outcomes.reduce((sum, outcome) => sum + value(outcome), 0) / outcomes.length;
  return {
    validators: outcomes.length,
    accuracy: mean((it) => it.accuracy),
    agreementWithMajority: mean((it) => it.agreement),
    probesOpened: mean((it) => it.probes),
    watched: count("watch"),
    acted: count("act"),
    convicted: count("convict"),
    /** What the same test would do to the same validators on agreement with the majority instead of probes. */
    convictedIfDeviationWereProof: outcomes.filter((it) => it.isConvictedByDeviation).length,
  };
}
