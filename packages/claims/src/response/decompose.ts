/** Response -> sentences -> self-contained claims, by rules alone: no model, no network, the same every time. */
import { refuse, succeed, type Result } from "@mira/primitives";
import type { DecomposedResponse, DecomposedSentence, SelfContainedClaim, Structure } from "../types.ts";
import { listMentions, type Mention } from "./references/mentions.ts";
import { WINDOW_SENTENCES } from "./references/resolve.ts";
import { listUnits, type Unit } from "./units.ts";
import { readUnit, type Reading } from "./read-unit.ts";
import { writeClaims } from "./write-claims.ts";

export const RESPONSE_BYTES_MAX = 256 * 1024;
/** The parser of blocks needs a tenth of a millisecond a line. */
export const LINES_MAX = 10_000;
/** A response with more is no answer to anything, and every claim costs a committee. */
export const CLAIMS_MAX = 2000;

export type DecomposeRefusal = "RESPONSE_EMPTY" | "RESPONSE_TOO_LARGE";

export function decomposeByRules(response: string): Result<DecomposedResponse, DecomposeRefusal> {
  const problem = findProblem(response);
  if (problem !== undefined) return problem;
  const sentences: DecomposedSentence[] = [];
  const claims: SelfContainedClaim[] = [];
  const said: Mention[][] = [];
  for (const unit of listUnits(response)) {
    const reading = readUnit(response, unit, said);
    const written = writeClaims({
      response,
      unit,
      reading,
      sentence: sentences.length,
      first: claims.length,
    });
    sentences.push(toSentence(response, unit, reading, written.structure));
    claims.push(...written.claims);
    remember(said, reading);
    if (claims.length > CLAIMS_MAX)
      return refuse("RESPONSE_TOO_LARGE", "the response makes more claims than allowed", {
        claimsMax: CLAIMS_MAX,
      });
  }
  return succeed({ sentences, claims, structure: joinSentences(sentences), dropped: [], decomposer: RULES });
}

/** Another set of rules has another number. */
const RULES = { id: "rules@1" } as const;

/** What the response says is all that its sentences say; those that say nothing checkable have no part in it. */
export function joinSentences(sentences: readonly DecomposedSentence[]): Structure {
  return { kind: "all", parts: sentences.flatMap(({ structure }) => structure ?? []) };
}

function findProblem(response: string): Result<never, DecomposeRefusal> | undefined {
  const bytes = Buffer.byteLength(response, "utf8");
  if (bytes > RESPONSE_BYTES_MAX)
    return refuse("RESPONSE_TOO_LARGE", "the response is longer than allowed", {
      bytes,
      bytesMax: RESPONSE_BYTES_MAX,
    });
  if (!/\S/.test(response)) return refuse("RESPONSE_EMPTY", "the response has no text");
  const lines = response.split("\n").length;
  if (lines > LINES_MAX)
    return refuse("RESPONSE_TOO_LARGE", "the response has more lines than allowed", {
      lines,
      linesMax: LINES_MAX,
    });
  return undefined;
}

function toSentence(
  response: string,
  { start, end }: Unit,
  { kind, category, reason }: Reading,
  structure: Structure | undefined,
): DecomposedSentence {
  return { text: response.slice(start, end), start, end, kind, category, reason, structure };
}

/** Nearest first. A sentence that names nothing new says nothing about what a pronoun stands for. */
function remember(said: Mention[][], { leaves }: Reading): void {
  const mentions = [...listMentions(leaves)];
  if (mentions.length === 0) return;
  said.unshift(mentions);
  said.length = Math.min(said.length, MEMORY_SENTENCES);
}

/** For "the movement" and for surnames; pronouns look only WINDOW_SENTENCES back. */
const MEMORY_SENTENCES = 8 * WINDOW_SENTENCES;
