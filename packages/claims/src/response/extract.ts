/** Response -> sentences -> claims word for word: each claim is a stretch of the response. */
import { succeed, type Result } from "@mira/primitives";
import type { Claim, Decomposition, DecomposedResponse, DecomposedSentence } from "../types.ts";
import { decomposeByRules, type DecomposeRefusal } from "./decompose.ts";

/** As decomposeByRules, for readers that need `response.slice(start, end) === text` of claims too. */
export function extractClaims(response: string): Result<Decomposition, DecomposeRefusal> {
  const decomposed = decomposeByRules(response);
  if (!decomposed.ok) return decomposed;
  const { sentences } = decomposed.value;
  const claims = sentences.flatMap((sentence, at) => listStretches(response, decomposed.value, sentence, at));
  return succeed({ sentences, claims });
}

/** Claims of a sentence that share words are one stretch; one stretch alone is the whole sentence. */
function listStretches(
  response: string,
  { claims }: DecomposedResponse,
  sentence: DecomposedSentence,
  at: number,
): Claim[] {
  if (sentence.kind !== "claim") return [];
  const own = claims
    .filter((claim) => claim.sentence === at)
    .toSorted((left, right) => left.start - right.start);
  const stretches: { start: number; end: number }[] = [];
  for (const { start, end } of own) {
    const last = stretches.at(-1);
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end);
    else stretches.push({ start, end });
  }
  const last = stretches.at(-1);
  if (last === undefined || stretches.length === 1) return [toClaim(response, sentence)];
  last.end = sentence.end;
  return stretches.map((stretch) => toClaim(response, stretch));
}

function toClaim(response: string, { start, end }: { start: number; end: number }): Claim {
  return { text: response.slice(start, end), start, end };
}
