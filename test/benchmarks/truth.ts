/**
 * `npm run bench -- truth [--data DIR] [--json] [--seeds N] [--generators all|A,B] [--speed-only|--no-speed] [--python PATH]`: how often
 * each way to aggregate is right, how honest its confidence is, and how fast it is. Every folder of the layout in ./truth/read-sets.ts
 * is a set, whatever its name. `auto` is what the product uses; probe rows are means over seeds, scored on the items that are no probes.
 */
import { access } from "node:fs/promises";
import { resolve } from "node:path";
import type { BenchmarkOptions } from "./main.ts";
import { measureSet, type TruthRow } from "./truth/measure-set.ts";
import { readSets } from "./truth/read-sets.ts";
import { measureSpeed } from "./truth/speed.ts";
import { summarize } from "./truth/summarize.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const DATA_DEFAULT = "../shared/data/consensus";
const SEEDS = 30;

export async function run({ json, args }: BenchmarkOptions): Promise<unknown> {
  const folder = resolve(ROOT, readFlag(args, "--data") ?? process.env["MIRA_TRUTH_DATA"] ?? DATA_DEFAULT);
  const print = (row: object): void => {
    if (json) process.stdout.write(`${JSON.stringify(row)}\n`);
  };
  const rows: TruthRow[] = [];
  if (!args.includes("--speed-only")) {
    if (await exists(folder)) {
      const seeds = Number(readFlag(args, "--seeds") ?? SEEDS);
      for (const set of await readSets(folder, readFlag(args, "--generators")))
        for (const row of measureSet(set, seeds)) {
          rows.push(row);
          print(row);
        }
    } else process.stderr.write(`truth: SKIPPED, no data at ${folder}; name a folder of sets with --data\n`);
  }
  const python = readFlag(args, "--python") ?? process.env["MIRA_CROWD_KIT_PYTHON"];
  const speed = args.includes("--no-speed") ? [] : await measureSpeed(python);
  speed.forEach(print);
  const summary = summarize(rows, speed);
  return json ? summary : { ...summary, rows, speed };
}

function readFlag(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
