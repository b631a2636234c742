/** Probes until the test convicts the faulty and clears the honest, simulated beside Wald's means, for six pairs of accuracies. */
import { computeExpectedProbes, SPRT_START, updateSprt, type SprtPlan, type SprtState } from "@mira/drift";
import { seededRandom } from "@mira/testing";
import { checkAtMost, type Check } from "./check.ts";

const ROWS: ReadonlyArray<readonly [what: string, honest: number, faulty: number]> = [
  ["binary", 0.9, 0.5],
  ["binary", 0.8, 0.5],
  ["binary", 0.7, 0.5],
  ["4 options", 0.7, 0.25],
  ["10 options", 0.63, 0.1],
  ["a model of accuracy .63 swapped for one of .44", 0.63, 0.44],
];
const VALIDATORS = 1_000;
/** Nobody is left open after this many: ten times the slowest mean. */
const PROBES_MAX = 2_000;
/** The plain test is held to Wald's means closely; with an error budget for restarts it may take up to twice as long. */
const TIMES_MEAN_MAX = 2;

export function measureProbesNeeded(seed: number, print: (row: object) => void): readonly Check[] {
  return ROWS.flatMap(([what, honestAccuracy, faultyAccuracy], at) => {
    const plan: SprtPlan = { honestAccuracy, faultyAccuracy, falseConviction: 1e-4, missedFault: 1e-2 };
    const computed = computeExpectedProbes(plan);
    const random = seededRandom(seed + at);
    const faulty = repeat(() => runUntil(plan, () => random.next() < faultyAccuracy, isConvicted));
    const honest = repeat(() => runUntil(plan, () => random.next() < honestAccuracy, isDecided));
    const row = {
      what,
      honestAccuracy,
      faultyAccuracy,
      probesToConvict: mean(faulty.filter(isConvicted)),
      computedToConvict: computed.toConvict,
      probesToClear: mean(honest.filter((state) => !isConvicted(state))),
      computedToClear: computed.toClear,
      faultyConvicted: faulty.filter(isConvicted).length,
      honestConvicted: honest.filter(isConvicted).length,
      validators: VALIDATORS,
      seed: seed + at,
    };
    print(row);
    const label = `${honestAccuracy} against ${faultyAccuracy}`;
    return [
      checkAtMost(
        `${label}: mean probes to convict`,
        row.probesToConvict,
        TIMES_MEAN_MAX * computed.toConvict,
      ),
      checkAtMost(`${label}: faulty not convicted`, VALIDATORS - row.faultyConvicted, 0),
      checkAtMost(`${label}: honest convicted`, row.honestConvicted, 0),
    ];
  });
}

const isConvicted = ({ verdict }: SprtState): boolean => verdict === "convicted";
const isDecided = (state: SprtState): boolean => isConvicted(state) || state.rounds > 0;

function runUntil(plan: SprtPlan, draw: () => boolean, isDone: (state: SprtState) => boolean): SprtState {
  let state = SPRT_START;
  while (!isDone(state) && state.probes < PROBES_MAX) state = updateSprt(plan, state, draw());
  return state;
}

function repeat(run: () => SprtState): readonly SprtState[] {
  return Array.from({ length: VALIDATORS }, run);
}

function mean(states: readonly SprtState[]): number {
  return states.reduce((sum, { probes }) => sum + probes, 0) / Math.max(1, states.length);
}
