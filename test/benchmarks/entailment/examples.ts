/** Reads labelled claims with their evidence, one JSON object a line: `label`, `claim`, `evidence` (sentences). */
import { readFile } from "node:fs/promises";
import { estimateSupport, readEvidence, type SupportExample } from "@mira/claims";

export type LabelledExample = SupportExample & {
  /** Share of the claim's different words that the evidence has: what any reader would try first. */
  readonly overlap: number;
  /** What the shipped model says; undefined where it says nothing. */
  readonly shipped: number | undefined;
};

type Line = { readonly label: string; readonly claim: string; readonly evidence: readonly string[] };

export async function readExamples(file: string): Promise<LabelledExample[]> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line.trim() !== "");
  return lines.flatMap((line, at) => {
    const parsed = JSON.parse(line) as Partial<Line>;
    if (parsed.label === undefined || parsed.claim === undefined || parsed.evidence === undefined)
      throw new Error(`${file}, line ${at + 1}: needed label, claim and evidence`);
    return toExample(parsed as Line, at);
  });
}

function toExample({ label, claim, evidence }: Line, at: number): LabelledExample[] {
  // Each sentence of the evidence is a paragraph of its own: they need not follow each other.
  const source = { sourceId: String(at), title: "", text: evidence.join("\n\n") };
  const read = readEvidence(claim, [source]);
  if (read === undefined) return [];
  const { features, thickness } = read.description;
  const estimate = estimateSupport(claim, [source]);
  const shipped = estimate.kind === "estimate" ? estimate.probability : undefined;
  const overlap = computeOverlap(claim, source.text);
  return [{ features, thickness, isSupported: label === "supported", group: claim, overlap, shipped }];
}

function computeOverlap(claim: string, text: string): number {
  const listWords = (from: string): Set<string> => new Set(from.toLowerCase().match(/[\p{L}\p{N}]+/gu));
  const [said, there] = [listWords(claim), listWords(text)];
  return [...said].filter((word) => there.has(word)).length / Math.max(said.size, 1);
}
