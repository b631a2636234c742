/** `npm run bench -- NAME [--json] [flags of that benchmark]`: runs ./NAME.ts and prints what it returns. */
import { readdir } from "node:fs/promises";

export type BenchmarkOptions = {
  readonly json: boolean;
  /** What else stands on the command line, for benchmarks with flags of their own. */
  readonly args: readonly string[];
};
type Benchmark = { readonly run: (options: BenchmarkOptions) => unknown };

const [name, ...rest] = process.argv.slice(2).filter((argument) => argument !== "--json");
const json = process.argv.includes("--json");
const names = (await readdir(import.meta.dirname))
  .filter((file) => file.endsWith(".ts") && file !== "main.ts" && !file.endsWith(".test.ts"))
  .map((file) => file.slice(0, -3));
if (name === undefined || !names.includes(name)) {
  process.stderr.write(`usage: npm run bench -- NAME [--json]\nNAME: ${names.join(", ")}\n`);
  process.exitCode = 2;
} else {
  const benchmark = (await import(`./${name}.ts`)) as Benchmark;
  const result = await benchmark.run({ json, args: rest });
  if (result !== undefined)
    process.stdout.write(`${JSON.stringify(result, undefined, json ? undefined : 2)}\n`);
}
