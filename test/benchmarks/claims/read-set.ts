/** Responses with the claims that people found in them: one JSON object a line, `{response, claims: [{claim}]}`. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export type LabelledResponse = { readonly response: string; readonly gold: readonly string[] };

/** All *.jsonl files of the folder, in order of their names. */
export async function readLabelledResponses(folder: string): Promise<readonly LabelledResponse[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".jsonl")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text) => text.split("\n").flatMap((line) => readLine(line)));
}

function readLine(line: string): LabelledResponse[] {
  if (line.trim() === "") return [];
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null || !("response" in value) || !("claims" in value))
    return [];
  const { response, claims } = value;
  if (typeof response !== "string" || !Array.isArray(claims)) return [];
  const gold = claims.flatMap((entry: unknown) => {
    if (typeof entry === "string") return [entry];
    const isClaim = typeof entry === "object" && entry !== null && "claim" in entry;
    return isClaim && typeof entry.claim === "string" ? [entry.claim] : [];
  });
  return gold.length === 0 ? [] : [{ response, gold }];
}
