/** Charts that watch one validator in the benchmark, behind one shape: raw disagreement, risk-adjusted by margin, and the monitor. */
import {
  computeThresholds,
  designBernoulliCusum,
  designRiskAdjustedCusum,
  DriftMonitor,
  learnRisk,
  MARGIN_RISK_START,
  predictRisk,
  accumulate,
  computeRiskAdjustedScore,
  updateBernoulliCusum,
  type ClaimAnswers,
  type MonitorPlan,
  type Observation,
} from "@mira/drift";
import type { Item } from "./panel.ts";

/** What the charts may know of a claim. `isProbe` says that truth is known for it. */
export type Seen = {
  readonly item: Item;
  readonly answer: number | undefined;
  readonly peers: readonly number[];
  readonly models: readonly string[];
  readonly isProbe: boolean;
};

export type Chart = {
  learn(seen: Seen): unknown;
  /** Names of the alarms that stand after this claim. */
  observe(seen: Seen): readonly string[];
  /** A false alarm was looked into. */
  acknowledge(): unknown;
};

const ODDS_RATIO = 2;
/** As long between false alarms as the monitor's charts guarantee: 1,000 claims for each of twenty validators. */
const ARL0 = 20_000;

type Plurality = { readonly answer: number; readonly margin: number };

/** The answer of most peers, and by what share of all it leads the next; the first of equals. */
function findPlurality({ item, peers }: Seen): Plurality {
  const counts = new Array<number>(item.options).fill(0);
  for (const peer of peers) {
    const vote = item.votes[peer];
    if (vote !== undefined && vote < item.options) counts[vote] = (counts[vote] ?? 0) + 1;
  }
  const [first = 0, second = 0] = counts.toSorted((left, right) => right - left);
  return { answer: counts.indexOf(first), margin: (first - second) / Math.max(1, peers.length) };
}

/** Disagreement with the plurality against its own rate in the history. */
export function createRawChart(): Chart {
  let [claims, departures, sum] = [0, 0, 0];
  let design: ReturnType<typeof designBernoulliCusum> | undefined;
  const hasDeparted = (seen: Seen) => findPlurality(seen).answer !== seen.answer;
  return {
    learn: (seen) => {
      [claims, departures] = [claims + 1, departures + (hasDeparted(seen) ? 1 : 0)];
    },
    observe: (seen) => {
      const p0 = (departures + 1) / (claims + 2);
      const p1 = (ODDS_RATIO * p0) / (1 - p0 + ODDS_RATIO * p0);
      design ??= designBernoulliCusum({ p0, p1, arl0: ARL0 });
      const step = updateBernoulliCusum(design, sum, hasDeparted(seen));
      sum = step.sum;
      return step.alarm ? ["raw"] : [];
    },
    acknowledge: () => {
      sum = 0;
    },
  };
}

/** Steiner's chart with the risk learnt per bucket of the consensus margin; its limit from the mix of risks in the history. */
export function createMarginChart(): Chart {
  let [risk, sum] = [MARGIN_RISK_START, 0];
  let limit: number | undefined;
  const design = () =>
    designRiskAdjustedCusum({
      risks: risk.claims.map((share, at) => ({
        share,
        risk: predictRisk(risk, (at + 0.5) / risk.claims.length),
      })),
      oddsRatio: ODDS_RATIO,
      arl0: ARL0,
    }).limit;
  return {
    learn: (seen) => {
      const { answer, margin } = findPlurality(seen);
      risk = learnRisk(risk, margin, answer !== seen.answer);
    },
    observe: (seen) => {
      limit ??= design();
      const { answer, margin } = findPlurality(seen);
      sum = accumulate(
        sum,
        computeRiskAdjustedScore(answer !== seen.answer, predictRisk(risk, margin), ODDS_RATIO),
      );
      return sum >= limit ? ["margin"] : [];
    },
    acknowledge: () => {
      sum = 0;
    },
  };
}

/** The product: what it raises at `watch`, and which of its three charts stands over its threshold. */
export function createMonitorChart(plan: MonitorPlan): Chart {
  const history: Observation[] = [];
  let monitor: DriftMonitor | undefined;
  const thresholds = computeThresholds(plan);
  return {
    learn: (seen) => history.push(...toObservations(seen)),
    observe: (seen) => {
      monitor ??= DriftMonitor.fromHistory(plan, history);
      for (const observation of toObservations(seen)) monitor.observe(observation);
      const { level, shift, identity, gold } = monitor.report();
      return [
        ...(level === "watch" || level === "act" ? ["monitor"] : []),
        ...(level === "act" ? ["act"] : []),
        ...(shift >= thresholds.watch ? ["shift"] : []),
        ...(identity >= thresholds.watch ? ["identity"] : []),
        ...(gold >= thresholds.goldWatch ? ["gold"] : []),
      ];
    },
    acknowledge: () => monitor?.acknowledge(),
  };
}

function toObservations({ item, answer, peers, models, isProbe }: Seen): readonly Observation[] {
  const claim: ClaimAnswers = {
    domain: item.category,
    options: item.options,
    ...(answer === undefined ? {} : { answer }),
    peers: peers.map((at) => {
      const vote = item.votes[at];
      return { peer: models[at] ?? "", ...(vote === undefined ? {} : { answer: vote }) };
    }),
  };
  const probe: Observation = { kind: "probe", domain: item.category, isCorrect: answer === item.truth };
  return [{ kind: "claim", claim }, ...(isProbe ? [probe] : [])];
}
