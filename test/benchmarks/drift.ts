/**
 * Drift of validators: exact run lengths beside a table computed independently, and real changes of model on real votes. One design for
 * all swaps, its thresholds from run lengths alone. `--data DIR` (votes_wide.csv and truth.csv in it or in a folder of it), `--runs N`, `--wide`.
 */
import { parseArgs } from "node:util";
import { computeThresholds, DEFAULT_MONITOR_PLAN } from "@mira/drift";
import type { BenchmarkOptions } from "./main.ts";
import { compareExactTable } from "./drift/exact-table.ts";
import type { Order } from "./drift/orders.ts";
import { readPanel, type Panel } from "./drift/panel.ts";
import { HORIZON, measureSwap, type Swap, type SwapFigures } from "./drift/swaps.ts";

const DEFAULT_DATA = "../shared/data/consensus";
const RUNS = 60;
const FIRST_SEED = 1_000;
const ORDERS: readonly Order[] = ["random", "blocked"];

type Bar = { readonly swap: string; readonly delayMax: number };
const SWAPS: readonly Swap[] = [
  ["Llama-3.1-70B to 8B", "Meta-Llama-3_1-70B-Instruct", "Meta-Llama-3_1-8B-Instruct"],
  ["Mixtral-8x7B to Mistral-7B", "Mixtral-8x7B-Instruct-v0.1", "Mistral-7B-Instruct-v0.2"],
  ["Qwen1.5-72B to 7B", "Qwen1.5-72B-Chat", "Qwen1.5-7B-Chat"],
  ["Llama-3.1-8B-Instruct to base", "Meta-Llama-3_1-8B-Instruct", "Meta-Llama-3_1-8B"],
  ["gemini-1.5-pro to flash", "gemini-1.5-pro-002", "gemini-1.5-flash-002"],
].map(toSwap);
/** Swaps nobody looked at while the monitor was designed: `--wide` measures these too, against no bar. */
const MORE_SWAPS: readonly Swap[] = [
  ["Llama-3-70B to 8B", "Meta-Llama-3-70B", "Meta-Llama-3-8B"],
  ["Yi-34B to 6B", "Yi-34B", "Yi-6B"],
  ["Qwen1.5-110B to 72B", "Qwen1.5-110B", "Qwen1.5-72B-Chat"],
  ["Llama-2-70B to 13B", "Llama-2-70b-hf", "Llama-2-13b-hf"],
  ["jamba-1.5-large to command-r", "jamba-1.5-large", "c4ai-command-r-v01"],
  ["DeepSeek-Coder-V2 to mathstral-7B", "DeepSeek-Coder-V2", "mathstral-7B"],
].map(toSwap);

function toSwap([name = "", before = "", after = ""]: readonly string[]): Swap {
  return { name, before, after };
}

/** Mean delays in claims, in random order. */
const BARS: readonly Bar[] = [
  { swap: "Llama-3.1-70B to 8B", delayMax: 120 },
  { swap: "Qwen1.5-72B to 7B", delayMax: 60 },
  { swap: "gemini-1.5-pro to flash", delayMax: 2_500 },
];
/** Share of runs with an alarm in 2,000 claims in control. */
const FALSE_ALARMS_MAX: Readonly<Record<Order, number>> = { random: 0.1, blocked: 0.2 };
const PROBE_SHARE_MAX = 0.1;
const TABLE_ERROR_MAX = 0.01;

type Check = {
  readonly what: string;
  readonly got: number;
  readonly atMost: number;
  readonly isMet: boolean;
};
type Measured = SwapFigures & { readonly swap: string; readonly order: Order };

export async function run({ json, args }: BenchmarkOptions) {
  const { values } = parseArgs({
    args: [...args],
    options: { data: { type: "string" }, runs: { type: "string" }, wide: { type: "boolean" } },
  });
  const print = (line: object) => {
    process.stdout.write(`${json ? JSON.stringify(line) : toText(line)}\n`);
  };
  const table = compareExactTable();
  for (const row of table.rows) print({ benchmark: "drift", part: "exact-table", ...row });
  const checks = [check("worst error of the exact table", table.worstError, TABLE_ERROR_MAX)];

  const data = values.data ?? process.env["MIRA_CONSENSUS_DATA"] ?? DEFAULT_DATA;
  const panel = await readPanel(data);
  if (panel === undefined)
    process.stderr.write(`drift: SKIPPED the swaps: no votes_wide.csv with truth.csv in or under ${data}\n`);
  else
    checks.push(
      ...measureSwaps(
        panel,
        values.wide ? [...SWAPS, ...MORE_SWAPS] : SWAPS,
        Number(values.runs ?? RUNS),
        print,
      ),
    );

  const isMet = checks.every((each) => each.isMet);
  if (!isMet) process.exitCode = 1;
  return {
    benchmark: "drift",
    part: "summary",
    isMet,
    data,
    isSkipped: panel === undefined,
    checks,
    ...describe(),
  };
}

function measureSwaps(
  panel: Panel,
  swaps: readonly Swap[],
  runs: number,
  print: (line: object) => void,
): readonly Check[] {
  const seeds = Array.from({ length: runs }, (_, at) => FIRST_SEED + at);
  const measured: Measured[] = [];
  for (const swap of swaps) {
    const missing = [swap.before, swap.after].filter((model) => !panel.models.includes(model));
    if (missing.length > 0) {
      process.stderr.write(`drift: SKIPPED ${swap.name}: no votes of ${missing.join(", ")}\n`);
      continue;
    }
    for (const order of ORDERS) {
      const figures = { swap: swap.name, order, ...measureSwap(panel, swap, order, seeds) };
      measured.push(figures);
      print({ benchmark: "drift", part: "swap", ...figures, seeds });
    }
  }
  return measured.flatMap(checkSwap);
}

function checkSwap({ swap, order, alarms, probeShare }: Measured): readonly Check[] {
  const bar = BARS.find((each) => each.swap === swap);
  if (bar === undefined) return [];
  return [
    check(
      `${swap}, ${order}: share of runs with a false alarm`,
      alarms.monitor.falseAlarms,
      FALSE_ALARMS_MAX[order],
    ),
    check(`${swap}, ${order}: share of probes`, probeShare, PROBE_SHARE_MAX),
    ...(order === "random" ? [check(`${swap}: mean delay`, alarms.monitor.delay, bar.delayMax)] : []),
  ];
}

function check(what: string, got: number, atMost: number): Check {
  return { what, got, atMost, isMet: got <= atMost };
}

function describe() {
  return {
    plan: DEFAULT_MONITOR_PLAN,
    thresholds: computeThresholds(DEFAULT_MONITOR_PLAN),
    horizon: HORIZON,
    blockedOrder:
      "categories in random order, all claims of one before the next; history in random order over all",
    peers: "all models of the panel but the two of the swap",
  };
}

function toText(line: object): string {
  return JSON.stringify(line, (_, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(4)) : value,
  );
}
