/** `npm run bench -- NAME [--json]`: runs ./NAME.ts and prints what it returns. */
import { readdir } from "node:fs/promises";
import { parseArgs } from "node:util";

export type BenchmarkOptions = { readonly json: boolean };
type Benchmark = { readonly run: (options: BenchmarkOptions) => unknown };

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false } },
});
const names = (await readdir(import.meta.dirname))
  .filter((file) => file.endsWith(".ts") && file !== "main.ts" && !file.endsWith(".test.ts"))
  .map((file) => file.slice(0, -3));
const [name] = positionals;
if (name === undefined || !names.includes(name)) {
  process.stderr.write(`usage: npm run bench -- NAME [--json]\nNAME: ${names.join(", ")}\n`);
  process.exitCode = 2;
} else {
  const benchmark = (await import(`./${name}.ts`)) as Benchmark;
  const result = await benchmark.run({ json: values.json });
  if (result !== undefined)
    process.stdout.write(`${JSON.stringify(result, undefined, values.json ? undefined : 2)}\n`);
}
