/**
 * `npm run bench -- entailment --data FILE [--json] [--train]`: how well the built-in scorer tells supported claims from the rest,
 * by cross-validation over claims, beside guessing and plain word overlap. `--train` writes the model that is shipped.
 */
import { createHash } from "node:crypto";
import { access, readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fitSupportModel } from "@mira/claims";
import type { BenchmarkOptions } from "./main.ts";
import { crossValidate } from "./entailment/cross-validate.ts";
import { readExamples } from "./entailment/examples.ts";
import { printModel } from "./entailment/print-model.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const DATA_DEFAULT = "../shared/data/entailment/dev.jsonl";
const MODEL_FILE = "packages/claims/src/entailment/model.ts";
/** Counts up with every change of features or data: witnesses name it. */
const MODEL_ID = "lexical-support/1";

export async function run({ args }: BenchmarkOptions): Promise<unknown> {
  const file = resolve(ROOT, readFlag(args, "--data") ?? process.env["MIRA_ENTAILMENT_DATA"] ?? DATA_DEFAULT);
  if (!(await exists(file))) {
    process.stderr.write(`entailment: SKIPPED, no data at ${file}; name a file with --data\n`);
    return { benchmark: "entailment", skipped: true };
  }
  const examples = await readExamples(file);
  if (args.includes("--train")) {
    const model = fitSupportModel(examples, { modelId: MODEL_ID });
    await writeFile(resolve(ROOT, MODEL_FILE), printModel(model, examples, await digest(file)));
    process.stderr.write(`entailment: wrote ${MODEL_FILE}\n`);
  }
  return { benchmark: "entailment", ...crossValidate(examples) };
}

function readFlag(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

async function digest(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
