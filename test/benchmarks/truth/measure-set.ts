/** Every method on one set: without probes, then with probes drawn at random, as means over seeds. */
import {
  aggregate,
  computeCoverageCurve,
  computeVoteShares,
  findCoverageAt,
  inferDawidSkene,
  inferEbcc,
  inferGlad,
  inferMace,
  inferOneCoin,
  inferProbeWeighted,
  type Aggregation,
  type LabelTable,
  prepare,
  type Prepared,
  scoreAccuracy,
  scoreBrier,
  scoreCalibrationError,
} from "@mira/inference";
import { seededRandom } from "@mira/testing";
import { CLAIM_TRUE } from "./claim-set.ts";
import type { TruthSet } from "./read-sets.ts";

export type TruthRow = {
  readonly set: string;
  readonly kind: TruthSet["kind"];
  readonly items: number;
  readonly validators: number;
  readonly method: string;
  readonly accuracy: number;
  /** Accuracy of the majority on the same items, ties split. */
  readonly majority: number;
  readonly brier: number;
  readonly ece: number;
  readonly coverage_at_90: number;
  readonly probes: number;
  readonly seconds: number;
  readonly seeds: number;
  /** `auto` only: share of verdicts given at confidence .9, how many of them are right, and how often the panel was trusted. */
  readonly certified?: number;
  readonly certified_precision?: number | null;
  readonly trusted?: number;
  readonly reason?: string;
};

const PROBE_COUNTS = [10, 20, 40, 100, 200];
/** At least half of the items are left to score. */
const PROBE_SHARE_MAX = 0.5;
/** Slow models are left out beyond this: they are beside the point of a large panel. */
const LABELS_MANY = 100_000;

type Method = { readonly name: string; readonly infer: (table: LabelTable) => Float64Array };
const METHODS: readonly Method[] = [
  { name: "majority", infer: computeVoteShares },
  { name: "one-coin", infer: (table) => inferOneCoin(table).posterior },
  { name: "dawid-skene", infer: (table) => inferDawidSkene(table).posterior },
];
const SLOW_METHODS: readonly Method[] = [
  { name: "glad", infer: (table) => inferGlad(table).posterior },
  { name: "mace", infer: (table) => inferMace(table).posterior },
  { name: "ebcc", infer: (table) => inferEbcc(table).posterior },
];

export function* measureSet(set: TruthSet, seeds: number): Generator<TruthRow> {
  const { table, truth } = set;
  const methods = table.labelCount > LABELS_MANY ? METHODS : [...METHODS, ...SLOW_METHODS];
  const majority = computeVoteShares(table);
  for (const { name, infer } of methods) {
    const { value, seconds } = time(() => infer(table));
    yield describe(set, { method: name, probes: 0, seeds: 1 }, [
      score(set, { posterior: value, truth, majority, seconds }),
    ]);
  }
  const { value: prepared, seconds: preparation } = time(() => prepare(table));
  const { value, seconds } = time(() => aggregate(table, { prepared }));
  const alone = { ...value, truth, majority, seconds: preparation + seconds };
  yield describe(set, { method: "auto", probes: 0, seeds: 1 }, [score(set, alone)]);
  const known = truth.filter((label) => label >= 0).length;
  for (const probes of PROBE_COUNTS)
    if (probes <= known * PROBE_SHARE_MAX) yield* measureProbes({ set, prepared, majority, probes, seeds });
}

type ProbeRun = {
  readonly set: TruthSet;
  readonly prepared: Prepared;
  readonly majority: Float64Array;
  readonly probes: number;
  readonly seeds: number;
};

function* measureProbes({ set, prepared, majority, probes, seeds }: ProbeRun): Generator<TruthRow> {
  const [plain, auto]: [Score[], Score[]] = [[], []];
  for (let seed = 1; seed <= seeds; seed++) {
    const drawn = drawProbes(set.truth, probes, seed);
    const weighted = time(() => inferProbeWeighted(set.table, drawn.known).posterior);
    plain.push(
      score(set, { posterior: weighted.value, truth: drawn.rest, majority, seconds: weighted.seconds }),
    );
    const { value, seconds } = time(() => aggregate(set.table, { prepared, probes: drawn.known }));
    auto.push(score(set, { ...value, truth: drawn.rest, majority, seconds }));
  }
  yield describe(set, { method: "probe-weighted", probes, seeds }, plain);
  yield describe(set, { method: "auto", probes, seeds }, auto);
}

/** `count` of the items with known truth, without replacement; the rest is what is scored. */
function drawProbes(truth: Int32Array, count: number, seed: number): { known: Int32Array; rest: Int32Array } {
  const random = seededRandom(seed * 1_000 + count);
  const items = Int32Array.from(truth.keys()).filter((item) => (truth[item] ?? -1) >= 0);
  const [known, rest] = [new Int32Array(truth.length).fill(-1), truth.slice()];
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(random.next() * (items.length - at));
    const item = items[other] ?? 0;
    items[other] = items[at] ?? 0;
    known[item] = truth[item] ?? -1;
    rest[item] = -1;
  }
  return { known, rest };
}

type Outcome = Partial<Aggregation> & {
  readonly posterior: Float64Array;
  readonly truth: Int32Array;
  readonly majority: Float64Array;
  readonly seconds: number;
};

type Score = Pick<TruthRow, "accuracy" | "majority" | "brier" | "ece" | "coverage_at_90" | "seconds"> & {
  readonly certified: number | undefined;
  readonly right: number;
  readonly trusted: number;
  readonly reason: string | undefined;
};

function score(
  { table, kind }: TruthSet,
  { posterior, truth, majority, seconds, verdicts, trust }: Outcome,
): Score {
  const judged = { posterior, truth, width: table.classes.length };
  const scored = truth.reduce((count, label) => count + Number(label >= 0), 0);
  let [certified, right] = [0, 0];
  verdicts?.forEach((verdict, item) => {
    if (verdict < 0 || (truth[item] ?? -1) < 0) return;
    certified++;
    if (verdict === truth[item]) right++;
  });
  return {
    accuracy: scoreAccuracy(judged),
    majority: scoreAccuracy({ ...judged, posterior: majority }),
    brier: scoreBrier(judged),
    ece: scoreCalibrationError(judged),
    coverage_at_90: findCoverageAt(
      computeCoverageCurve(judged, kind === "claims" ? CLAIM_TRUE : undefined),
      0.9,
    ),
    seconds,
    certified: verdicts === undefined ? undefined : certified / scored,
    right: right / scored,
    trusted: Number(trust?.trusted ?? false),
    reason: trust?.reason,
  };
}

function describe(
  { name, kind, table, truth }: TruthSet,
  { method, probes, seeds }: Pick<TruthRow, "method" | "probes" | "seeds">,
  scores: readonly Score[],
): TruthRow {
  const mean = (pick: (score: Score) => number): number =>
    Number((scores.reduce((sum, one) => sum + pick(one), 0) / scores.length).toFixed(5));
  const row = {
    set: name,
    kind,
    items: truth.filter((label) => label >= 0).length,
    validators: table.validators.length,
    method,
    accuracy: mean((one) => one.accuracy),
    majority: mean((one) => one.majority),
    brier: mean((one) => one.brier),
    ece: mean((one) => one.ece),
    coverage_at_90: mean((one) => one.coverage_at_90),
    probes,
    seconds: mean((one) => one.seconds),
    seeds,
  };
  if (method !== "auto") return row;
  const certified = mean((one) => one.certified ?? 0);
  return {
    ...row,
    certified,
    certified_precision: certified > 0 ? Number((mean((one) => one.right) / certified).toFixed(4)) : null,
    trusted: mean((one) => one.trusted),
    ...(probes === 0 && scores[0]?.reason !== undefined ? { reason: scores[0].reason } : {}),
  };
}

function time<T>(work: () => T): { value: T; seconds: number } {
  const from = performance.now();
  const value = work();
  return { value, seconds: (performance.now() - from) / 1_000 };
}
