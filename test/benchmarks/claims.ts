/**
 * Claims found in responses against those that people found, beside "every sentence is a claim" on the same sentences.
 * `--data FOLDER` holds *.jsonl; a pair counts when the F1 of its content words reaches the threshold, one-to-one.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { decomposeByRules } from "@mira/claims";
import { unwrap } from "@mira/primitives";
import { countMatches } from "./claims/match.ts";
import { readLabelledResponses, type LabelledResponse } from "./claims/read-set.ts";
import type { BenchmarkOptions } from "./main.ts";

const DATA_DEFAULT = "../shared/data/consensus/factool_claims";
/** From "about the same thing" to "nearly word for word"; the figure in one sentence is that of .6. */
const THRESHOLDS = [0.5, 0.6, 0.7, 0.8, 0.9];

type Found = LabelledResponse & {
  readonly bySystem: readonly string[];
  readonly bySentence: readonly string[];
  readonly sentences: number;
  readonly accounted: number;
};

export async function run({ args, json }: BenchmarkOptions): Promise<unknown> {
  const at = args.indexOf("--data");
  const folder = resolve(at < 0 ? (process.env["MIRA_CLAIMS_DATA"] ?? DATA_DEFAULT) : (args[at + 1] ?? ""));
  if (!existsSync(folder)) {
    process.stderr.write(`claims: SKIPPED, there is no ${folder}; name a folder of *.jsonl with --data\n`);
    return undefined;
  }
  const labelled = await readLabelledResponses(folder);
  if (labelled.length === 0) throw new Error(`${folder} holds no line with a response and its claims`);
  const startedAt = performance.now();
  const found = labelled.map(findClaims);
  const seconds = (performance.now() - startedAt) / 1000;
  const rows = THRESHOLDS.flatMap((threshold) => [
    score("built-in", threshold, found, ({ bySystem }) => bySystem),
    score("every sentence is a claim", threshold, found, ({ bySentence }) => bySentence),
  ]);
  const sentences = sum(found, (one) => one.sentences);
  const accounted = sum(found, (one) => one.accounted);
  if (accounted !== sentences) throw new Error(`${sentences - accounted} sentences are not accounted for`);
  const summary = {
    responses: labelled.length,
    gold: sum(found, ({ gold }) => gold.length),
    sentences,
    accounted,
    seconds,
  };
  for (const row of json ? rows : []) process.stdout.write(`${JSON.stringify(row)}\n`);
  return json ? summary : { ...summary, rows };
}

function findClaims(labelled: LabelledResponse): Found {
  const { sentences, claims } = unwrap(decomposeByRules(labelled.response));
  const isAccounted = sentences.map(({ kind, reason }, index) => {
    const isClaimed = claims.some(({ sentence }) => sentence === index);
    return kind === "claim" ? isClaimed : !isClaimed && reason !== "";
  });
  return {
    ...labelled,
    bySystem: claims.map(({ text }) => text),
    bySentence: sentences.map(({ text }) => text),
    sentences: sentences.length,
    accounted: isAccounted.filter(Boolean).length,
  };
}

function score(
  method: string,
  threshold: number,
  found: readonly Found[],
  listOf: (one: Found) => readonly string[],
) {
  const matched = sum(found, (one) => countMatches(listOf(one), one.gold, threshold));
  const claims = sum(found, (one) => listOf(one).length);
  const precision = matched / claims;
  const recall = matched / sum(found, ({ gold }) => gold.length);
  const f1 = (2 * precision * recall) / (precision + recall || 1);
  return { method, threshold, claims, matched, precision, recall, f1 };
}

function sum<Item>(items: readonly Item[], read: (item: Item) => number): number {
  return items.reduce((total, item) => total + read(item), 0);
}
