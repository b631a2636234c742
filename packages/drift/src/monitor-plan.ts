/** What a monitor is set to, and the thresholds that follow from it: from run lengths asked for, never from a change to be found. */
import { invariant } from "@mira/primitives";
import { computeFamilyArl0 } from "./family.ts";
import { computeGuaranteedLimit } from "./risk-adjusted-cusum.ts";
import type { SprtPlan } from "./sprt.ts";

export type MonitorPlan = {
  /** Claims to learn from before anything is raised. */
  readonly learningClaims: number;
  /** Probes to learn from before any counts as evidence; those that come while claims are being learnt from are among them. */
  readonly learningProbes: number;
  /** Claims to learn from in a domain that was not met while learning. */
  readonly domainClaimsMin: number;
  /** Mean claims to a false alarm of the whole family of monitors, guaranteed where the forecast is right. */
  readonly watchArl0: number;
  readonly actArl0: number;
  /** How many validators are monitored together. */
  readonly familySize: number;
  /** Share of claims that are probes: the gold chart counts in probes. */
  readonly probeRate: number;
  /** How many times the odds of an error on a probe must rise to be looked for. */
  readonly goldOddsRatio: number;
  readonly sprt: SprtPlan;
};

/**
 * Run lengths of `watch` and `act` are those of incident practice, one false incident per 1,000 claims of the network's twenty validators
 * each, one false restriction per 5,000.
 */
export const DEFAULT_MONITOR_PLAN: MonitorPlan = Object.freeze({
  learningClaims: 3_000,
  learningProbes: 50,
  domainClaimsMin: 50,
  watchArl0: 1_000,
  actArl0: 5_000,
  familySize: 20,
  probeRate: 0.1,
  goldOddsRatio: 2,
  sprt: Object.freeze({
    honestAccuracy: 0.8,
    faultyAccuracy: 0.5,
    falseConviction: 1e-4,
    missedFault: 1e-2,
  }),
});

export type Thresholds = {
  readonly watch: number;
  readonly act: number;
  readonly goldWatch: number;
  readonly goldAct: number;
  /** Gold evidence that, on top of consensus evidence, is enough to act: the run length of acting, for one validator and one chart. */
  readonly goldSupport: number;
};

/** Three charts run side by side: each gets three times the run length, so that together they alarm no more often than asked. */
const CHARTS = 3;

export function computeThresholds(plan: MonitorPlan): Thresholds {
  invariant(plan.actArl0 >= plan.watchArl0, "acting must be rarer than watching");
  invariant(plan.probeRate > 0 && plan.probeRate <= 1, `a probe rate lies in (0, 1], got ${plan.probeRate}`);
  const limit = (arl0: number, rate = 1) =>
    computeGuaranteedLimit(Math.max(1, computeFamilyArl0(arl0, plan.familySize) * CHARTS * rate));
  return {
    watch: limit(plan.watchArl0),
    act: limit(plan.actArl0),
    goldWatch: limit(plan.watchArl0, plan.probeRate),
    goldAct: limit(plan.actArl0, plan.probeRate),
    goldSupport: computeGuaranteedLimit(Math.max(1, plan.actArl0 * plan.probeRate)),
  };
}
