/**
 * Who loses stake, and who earns: honest validators against the majority, guessers, voters that do not look, and one validator sixty times
 * over. Simulated; every seed is printed.
 */
import type { BenchmarkOptions } from "./main.ts";
import type { Check } from "./slashing/check.ts";
import { measureContrarians } from "./slashing/contrarians.ts";
import { measureCopies } from "./slashing/copies.ts";
import { measureLazy } from "./slashing/lazy.ts";
import { measureProbesNeeded } from "./slashing/probes-needed.ts";

type Part = (seed: number, print: (row: object) => void) => readonly Check[];
const PARTS: ReadonlyArray<readonly [name: string, measure: Part]> = [
  ["probes-needed", measureProbesNeeded],
  ["contrarians", measureContrarians],
  ["correlated-agreement", measureLazy],
  ["copies", measureCopies],
];
const SEED = 20_000;

export function run({ json }: BenchmarkOptions) {
  const checks = PARTS.flatMap(([part, measure], at) =>
    measure(SEED * (at + 1), (row) => {
      print({ benchmark: "slashing", part, ...row }, json);
    }),
  );
  const isMet = checks.every((each) => each.isMet);
  if (!isMet) process.exitCode = 1;
  return { benchmark: "slashing", part: "summary", isMet, checks };
}

function print(row: object, json: boolean): void {
  const round = (_: string, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(4)) : value;
  process.stdout.write(`${json ? JSON.stringify(row) : JSON.stringify(row, round)}\n`);
}
