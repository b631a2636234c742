/** Wald's sequential probability ratio test (1945): convict or clear on probes, with both error rates fixed beforehand. */
import { invariant } from "@mira/primitives";

export type SprtPlan = {
  /** The accuracy that an honest validator was registered with, and that of the fault to be proved. */
  readonly honestAccuracy: number;
  readonly faultyAccuracy: number;
  /** Probability of convicting the honest over the whole life of the test, restarts included. */
  readonly falseConviction: number;
  /** Probability of clearing a validator that was faulty from the start of a round. */
  readonly missedFault: number;
};

/** Plain data. A round ends when the test clears; the next begins at 0 with a share of what is left of `falseConviction`. */
export type SprtState = {
  readonly logRatio: number;
  readonly rounds: number;
  readonly probes: number;
  readonly verdict: "open" | "convicted";
};

export const SPRT_START: SprtState = Object.freeze({ logRatio: 0, rounds: 0, probes: 0, verdict: "open" });

/**
 * One opened probe. A conviction is final. A clearing starts the next round: an honest validator is tested for ever, so round r may spend
 * only falseConviction / r / (r + 1) of the error; the sum of those over all rounds is falseConviction.
 */
export function updateSprt(plan: SprtPlan, state: SprtState, isCorrect: boolean): SprtState {
  if (state.verdict === "convicted") return state;
  const logRatio = state.logRatio + computeSprtScore(plan, isCorrect);
  const probes = state.probes + 1;
  const { convictAt, clearAt } = computeSprtLimits(plan, state.rounds);
  if (logRatio >= convictAt) return { ...state, logRatio, probes, verdict: "convicted" };
  if (logRatio <= clearAt) return { ...state, logRatio: 0, probes, rounds: state.rounds + 1 };
  return { ...state, logRatio, probes };
}

/** log of faulty over honest likelihood of one answer to a probe. */
export function computeSprtScore(plan: SprtPlan, isCorrect: boolean): number {
  return isCorrect
    ? Math.log(plan.faultyAccuracy / plan.honestAccuracy)
    : Math.log((1 - plan.faultyAccuracy) / (1 - plan.honestAccuracy));
}

/**
 * By Ville's inequality the probability that the ratio of an honest validator ever reaches 1/a is at most a, whatever stops the round: so
 * `convictAt` needs no correction for when the test is looked at.
 */
export function computeSprtLimits(plan: SprtPlan, rounds = 0): { convictAt: number; clearAt: number } {
  assertPlan(plan);
  const round = rounds + 1;
  /** The first round of a test that never restarts would have all of it; half is what restarting for ever costs. */
  const allowed = plan.falseConviction / (round * (round + 1));
  return {
    convictAt: -Math.log(allowed),
    clearAt: Math.log(plan.missedFault / (1 - allowed)),
  };
}

export type ExpectedProbes = { readonly toConvict: number; readonly toClear: number };

/** Wald's means for one round without restarts: probes until the faulty is convicted, and until the honest is cleared. */
export function computeExpectedProbes(plan: SprtPlan): ExpectedProbes {
  assertPlan(plan);
  const upper = Math.log((1 - plan.missedFault) / plan.falseConviction);
  const lower = Math.log(plan.missedFault / (1 - plan.falseConviction));
  const drift = (accuracy: number) =>
    accuracy * computeSprtScore(plan, true) + (1 - accuracy) * computeSprtScore(plan, false);
  return {
    toConvict: ((1 - plan.missedFault) * upper + plan.missedFault * lower) / drift(plan.faultyAccuracy),
    toClear: (plan.falseConviction * upper + (1 - plan.falseConviction) * lower) / drift(plan.honestAccuracy),
  };
}

function assertPlan({ honestAccuracy, faultyAccuracy, falseConviction, missedFault }: SprtPlan): void {
  invariant(
    0 < faultyAccuracy && faultyAccuracy < honestAccuracy && honestAccuracy < 1,
    `needed 0 < faulty < honest < 1, got ${faultyAccuracy} and ${honestAccuracy}`,
  );
  for (const rate of [falseConviction, missedFault])
    invariant(rate > 0 && rate < 0.5, `an error rate must lie in (0, .5), got ${rate}`);
}
