/** Response -> sentences -> claims. Every sentence is accounted for, with the reason where it is no claim. */
import { refuse, succeed, type Result } from "@mira/primitives";
import type { Claim, Decomposition, Sentence } from "../types.ts";
import { splitBlocks, type BlockKind } from "./blocks.ts";
import { MASK, maskMarkup } from "./markup.ts";
import { selectSentence, type Selection } from "./select.ts";
import { splitSentences } from "./sentences.ts";
import { splitClaims } from "./split-claims.ts";

export const RESPONSE_BYTES_MAX = 256 * 1024;
/** The parser of blocks needs a tenth of a millisecond a line. */
export const LINES_MAX = 10_000;
/** A response with more is no answer to anything, and every claim costs a committee. */
export const CLAIMS_MAX = 2000;

export function extractClaims(
  response: string,
): Result<Decomposition, "RESPONSE_EMPTY" | "RESPONSE_TOO_LARGE"> {
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
  const sentences = listSentences(response);
  const claims = sentences.flatMap((sentence) =>
    sentence.kind === "claim" ? listClaims(response, sentence) : [],
  );
  if (claims.length > CLAIMS_MAX)
    return refuse("RESPONSE_TOO_LARGE", "the response makes more claims than allowed", {
      claims: claims.length,
      claimsMax: CLAIMS_MAX,
    });
  return succeed({ sentences, claims });
}

const WHOLE_BLOCKS: Readonly<Record<Exclude<BlockKind, "prose">, string>> = {
  heading: "heading",
  code: "code",
  table: "table",
  definition: "link definition",
};

/** Each sentence with the one before it, across blocks: a paragraph may go on about what the last one named. */
function listSentences(response: string): Sentence[] {
  const sentences: Sentence[] = [];
  for (const block of splitBlocks(response)) {
    const spans = block.kind === "prose" ? splitSentences(response, block) : [block];
    for (const { start, end } of spans) {
      const text = response.slice(start, end);
      const selection = block.kind === "prose" ? selectFrom(text, sentences) : leaveOut(block.kind);
      sentences.push({ text, start, end, ...selection });
    }
  }
  return sentences;
}

function selectFrom(text: string, before: readonly Sentence[]): Selection {
  const context = before.findLast(({ reason }) => reason !== "code" && reason !== "table");
  return selectSentence(readPlain(text), readPlain(context?.text ?? ""));
}

function leaveOut(kind: Exclude<BlockKind, "prose">): Selection {
  return { kind: "not-checkable", reason: WHOLE_BLOCKS[kind] };
}

function readPlain(text: string): string {
  return maskMarkup(text).replaceAll(MASK, "").replaceAll(/\s+/g, " ").trim();
}

/** Markup in the sentence keeps it whole: a part could lose the mark that belongs to the other. */
function listClaims(response: string, sentence: Sentence): Claim[] {
  const masked = maskMarkup(sentence.text);
  const spans = masked.includes(MASK) || /\s{2}|\n/.test(masked) ? [sentence] : splitClaims(masked, sentence);
  return spans.map(({ start, end }) => ({ text: response.slice(start, end), start, end }));
}
