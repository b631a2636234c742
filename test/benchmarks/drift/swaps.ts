/** A validator changes its model unannounced: how often the charts cry wolf before, and how soon they see it after. */
import { DEFAULT_MONITOR_PLAN } from "@mira/drift";
import { seededRandom, type SeededRandom } from "@mira/testing";
import { createMarginChart, createMonitorChart, createRawChart, type Chart, type Seen } from "./charts.ts";
import { arrange, createProbeDraw, repeat, type Order } from "./orders.ts";
import type { Item, Panel } from "./panel.ts";

export type Swap = { readonly name: string; readonly before: string; readonly after: string };

const ALARMS = ["raw", "margin", "monitor", "act", "shift", "identity", "gold"] as const;
type Alarm = (typeof ALARMS)[number];

const LEARNING = DEFAULT_MONITOR_PLAN.learningClaims;
const IN_CONTROL = 2_000;
/** In control before the swap, so that delays are those of charts at work, not of charts at 0. */
const SETTLING = 500;
/** Delays are cut off here; a run that reaches it counts as missed, and with this delay. */
export const HORIZON = 6_000;
const PROBE_EVERY = 10;

export type AlarmFigures = {
  readonly falseAlarms: number;
  readonly delay: number;
  readonly delayMedian: number;
  readonly delayP95: number;
  readonly missed: number;
};
export type SwapFigures = {
  readonly runs: number;
  readonly accuracyBefore: number;
  readonly accuracyAfter: number;
  readonly probeShare: number;
  readonly alarms: Readonly<Record<Alarm, AlarmFigures>>;
};

type Scene = {
  readonly panel: Panel;
  readonly before: number;
  readonly after: number;
  readonly order: Order;
};
type Run = {
  readonly falseAlarms: ReadonlySet<string>;
  readonly delays: ReadonlyMap<string, number>;
  readonly probeShare: number;
};

export function measureSwap(panel: Panel, swap: Swap, order: Order, seeds: readonly number[]): SwapFigures {
  const [before, after] = [panel.models.indexOf(swap.before), panel.models.indexOf(swap.after)];
  const runs = seeds.map((seed) => runOnce({ panel, before, after, order }, seededRandom(seed)));
  return {
    runs: runs.length,
    accuracyBefore: computeAccuracy(panel, before),
    accuracyAfter: computeAccuracy(panel, after),
    probeShare: Math.max(...runs.map(({ probeShare }) => probeShare)),
    alarms: Object.fromEntries(
      ALARMS.map((alarm) => [alarm, summarise(runs, alarm)]),
    ) as SwapFigures["alarms"],
  };
}

/**
 * Learn on 3,000 items drawn at random; then 2,000 others in control, counting alarms; then, with the same forecast and charts at 0,
 * the others once more in a new order: 500 in control, where a false alarm is looked into, and the rest with the other model's answers.
 */
function runOnce(scene: Scene, random: SeededRandom): Run {
  const { panel, before, after, order } = scene;
  const items = random.shuffle(panel.items);
  const [history, rest] = [items.slice(0, LEARNING), items.slice(LEARNING)];
  const charts = [createRawChart(), createMarginChart(), createMonitorChart(DEFAULT_MONITOR_PLAN)];
  const look = createLook(scene);
  for (const item of history) {
    const seen = look.at(item, before);
    for (const chart of charts) chart.learn(seen);
  }
  const falseAlarms = new Set<string>();
  for (const item of arrange(rest, order, random).slice(0, IN_CONTROL))
    for (const alarm of observeAll(charts, look.at(item, before))) falseAlarms.add(alarm);
  for (const chart of charts) chart.acknowledge();
  const delays = measureDelays(charts, repeat(rest, order, random, SETTLING + HORIZON), (item, at) =>
    look.at(item, at < SETTLING ? before : after),
  );
  return { falseAlarms, delays, probeShare: look.probeShare() };
}

/** Peers are all the others but the two of the swap: whoever runs the same model as the newcomer would give it away at once. */
function createLook({ panel, before, after }: Scene) {
  const peers = [...panel.models.keys()].filter((at) => at !== before && at !== after);
  const isProbe = createProbeDraw(PROBE_EVERY);
  let [claims, probes] = [0, 0];
  const at = (item: Item, model: number): Seen => {
    const seen = { item, answer: item.votes[model], peers, models: panel.models, isProbe: isProbe(item) };
    [claims, probes] = [claims + 1, probes + (seen.isProbe ? 1 : 0)];
    return seen;
  };
  return { at, probeShare: () => probes / claims };
}

function observeAll(charts: readonly Chart[], seen: Seen): readonly string[] {
  return charts.flatMap((chart) => chart.observe(seen));
}

function measureDelays(
  charts: readonly Chart[],
  items: Iterable<Item>,
  look: (item: Item, at: number) => Seen,
): ReadonlyMap<string, number> {
  const delays = new Map<string, number>();
  let at = 0;
  for (const item of items) {
    const seen = look(item, at);
    for (const chart of charts) {
      const alarms = chart.observe(seen);
      if (at < SETTLING && alarms.length > 0) chart.acknowledge();
      if (at >= SETTLING)
        for (const alarm of alarms) if (!delays.has(alarm)) delays.set(alarm, at - SETTLING + 1);
    }
    at++;
    /** All but the slowest have spoken: those are counted at what the monitor took, or at the horizon. */
    if (delays.size === ALARMS.length) break;
  }
  return delays;
}

function computeAccuracy({ items }: Panel, model: number): number {
  return items.filter(({ votes, truth }) => votes[model] === truth).length / items.length;
}

function summarise(runs: readonly Run[], alarm: Alarm): AlarmFigures {
  const delays = runs.map((run) => run.delays.get(alarm) ?? HORIZON).toSorted((left, right) => left - right);
  const quantile = (share: number) =>
    delays[Math.min(delays.length - 1, Math.floor(share * delays.length))] ?? 0;
  return {
    falseAlarms: runs.filter((run) => run.falseAlarms.has(alarm)).length / runs.length,
    delay: delays.reduce((sum, delay) => sum + delay, 0) / runs.length,
    delayMedian: quantile(0.5),
    delayP95: quantile(0.95),
    missed: runs.filter((run) => !run.delays.has(alarm)).length / runs.length,
  };
}
