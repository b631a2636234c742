/** Time and memory of aggregation on made labels, beside crowd-kit on the very same file when a Python that has it is named. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  computeVoteShares,
  createLabelTable,
  inferDawidSkene,
  inferMace,
  inferOneCoin,
  type Label,
  type LabelTable,
  type LabelRows,
} from "@mira/inference";
import { seededRandom } from "@mira/testing";

export type SpeedRow = {
  readonly speed: true;
  readonly labels: number;
  readonly method: string;
  /** From the table to posteriors, as the peer from its data frame; the best of several runs. */
  readonly seconds: number;
  /** The table's making from rows of names included; the peer's reading of its data frame is not. */
  readonly seconds_from_names: number;
  readonly accuracy: number;
  readonly peer: string | null;
  readonly peer_seconds: number | null;
  readonly peer_accuracy: number | null;
  readonly times_faster: number | null;
  readonly times_faster_from_names: number | null;
  readonly table_bytes_per_label: number;
};

const LABEL_COUNTS = [100_000, 400_000];
const LABELS_PER_ITEM = 5;
const VALIDATORS = 500;
const CLASSES = 4;
const REPETITIONS = 7;
const PEER_TIMEOUT_MS = 240_000;

const METHODS: ReadonlyArray<{ readonly name: string; readonly infer: (table: LabelTable) => Float64Array }> =
  [
    { name: "majority", infer: computeVoteShares },
    { name: "one-coin", infer: (table) => inferOneCoin(table).posterior },
    { name: "dawid-skene", infer: (table) => inferDawidSkene(table).posterior },
    { name: "mace", infer: (table) => inferMace(table).posterior },
  ];

export async function measureSpeed(python: string | undefined): Promise<SpeedRow[]> {
  if (python === undefined)
    process.stderr.write(
      "truth: peer SKIPPED; name a Python that has crowd-kit with --python or MIRA_CROWD_KIT_PYTHON\n",
    );
  const rows: SpeedRow[] = [];
  for (const count of LABEL_COUNTS) {
    const made = makeLabels(count);
    const peer = python === undefined || count !== LABEL_COUNTS[0] ? undefined : await runPeer(python, made);
    for (const method of METHODS) rows.push(measureMethod(method, made, peer));
  }
  return rows;
}

type Made = { readonly labels: readonly Label[]; readonly truth: readonly string[] };

/** Validators of accuracy .4 to .95, errors alike over the other classes. */
function makeLabels(count: number): Made {
  const random = seededRandom(1);
  const accuracy = Float64Array.from({ length: VALIDATORS }, () => 0.4 + 0.55 * random.next());
  const labels: Label[] = [];
  const truth: string[] = [];
  for (let item = 0; item < count / LABELS_PER_ITEM; item++) {
    const right = Math.floor(random.next() * CLASSES);
    truth.push(String(right));
    const first = Math.floor(random.next() * VALIDATORS);
    for (let at = 0; at < LABELS_PER_ITEM; at++) {
      const validator = (first + at * 97) % VALIDATORS;
      const hit = random.next() < (accuracy[validator] ?? 0);
      const label = hit ? right : (right + 1 + Math.floor(random.next() * (CLASSES - 1))) % CLASSES;
      labels.push({ item: `item-${item}`, validator: `validator-${validator}`, label: String(label) });
    }
  }
  return { labels, truth };
}

function measureMethod(
  { name, infer }: (typeof METHODS)[number],
  { labels, truth }: Made,
  peer: Peer | undefined,
): SpeedRow {
  let [seconds, making] = [Infinity, Infinity];
  let posterior: Float64Array = new Float64Array(0);
  let table = createLabelTable(labels);
  for (let run = 0; run < REPETITIONS; run++) {
    const from = performance.now();
    table = createLabelTable(labels);
    const made = performance.now();
    posterior = infer(table);
    seconds = Math.min(seconds, (performance.now() - made) / 1_000);
    making = Math.min(making, (made - from) / 1_000);
  }
  const theirs = peer?.methods[name];
  return {
    speed: true,
    labels: labels.length,
    method: name,
    seconds: Number(seconds.toFixed(5)),
    seconds_from_names: Number((making + seconds).toFixed(5)),
    accuracy: scoreMade(table, posterior, truth),
    peer: theirs === undefined ? null : (peer?.name ?? null),
    peer_seconds: theirs?.seconds ?? null,
    peer_accuracy: theirs?.accuracy ?? null,
    times_faster: theirs === undefined ? null : round(theirs.seconds / seconds),
    times_faster_from_names: theirs === undefined ? null : round(theirs.seconds / (making + seconds)),
    table_bytes_per_label: Number(
      ((countBytes(table.byItem) + countBytes(table.byValidator)) / labels.length).toFixed(2),
    ),
  };
}

function round(times: number): number {
  return Number(times.toFixed(1));
}

function countBytes({ start, other, label, weight }: LabelRows): number {
  return start.byteLength + other.byteLength + label.byteLength + weight.byteLength;
}

function scoreMade(table: LabelTable, posterior: Float64Array, truth: readonly string[]): number {
  const width = table.classes.length;
  let right = 0;
  table.items.forEach((item, at) => {
    const row = posterior.subarray(at * width, (at + 1) * width);
    if (table.classes[row.indexOf(Math.max(...row))] === truth[Number(item.slice("item-".length))]) right++;
  });
  return Number((right / truth.length).toFixed(4));
}

type Peer = {
  readonly name: string;
  readonly methods: Readonly<Record<string, { readonly seconds: number; readonly accuracy: number }>>;
};

async function runPeer(python: string, { labels, truth }: Made): Promise<Peer | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "mira-truth-"));
  try {
    const rows = labels.map(({ item, validator, label }) => `${item},${validator},${label ?? ""}`);
    await writeFile(join(folder, "label.csv"), ["task,worker,label", ...rows].join("\n"));
    await writeFile(
      join(folder, "truth.csv"),
      ["task,truth", ...truth.map((label, at) => `item-${at},${label}`)].join("\n"),
    );
    const script = join(import.meta.dirname, "crowd_kit.py");
    const { stdout } = await promisify(execFile)(python, [script, folder], { timeout: PEER_TIMEOUT_MS });
    return JSON.parse(stdout) as Peer;
  } catch (error) {
    process.stderr.write(
      `truth: peer SKIPPED, ${python} cannot run crowd-kit: ${String(error).slice(0, 300)}\n`,
    );
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
