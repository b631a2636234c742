/** Response -> sentences -> claims. Every sentence is accounted for, with the reason where it is no claim. */
import { refuse, succeed, type Result } from "@mira/primitives";
import type { Claim, Decomposition, Sentence } from "../types.ts";
import { splitBlocks, type Block, type BlockKind } from "./blocks.ts";
import { MASK, maskMarkup } from "./markup.ts";
import { selectSentence } from "./select.ts";
import { splitSentences, type Span } from "./sentences.ts";
import { splitClaims } from "./split-claims.ts";

export const RESPONSE_BYTES_MAX = 256 * 1024;
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
  const sentences = splitBlocks(response).flatMap((block) => readBlock(response, block));
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

function readBlock(response: string, block: Block): Sentence[] {
  if (block.kind !== "prose") {
    const text = response.slice(block.start, block.end);
    const reason = WHOLE_BLOCKS[block.kind];
    return [{ text, start: block.start, end: block.end, kind: "not-checkable", reason }];
  }
  const spans = splitSentences(response, block);
  return spans.map((span, at) => {
    const before = response.slice(spans[at - 1]?.start ?? span.start, span.start);
    const selection = selectSentence(
      readPlain(response, span),
      readPlain(before, { start: 0, end: before.length }),
    );
    return { text: response.slice(span.start, span.end), ...span, ...selection };
  });
}

function readPlain(text: string, { start, end }: Span): string {
  return maskMarkup(text.slice(start, end)).replaceAll(MASK, "").replaceAll(/\s+/g, " ").trim();
}

/** Markup in the sentence keeps it whole: a part could lose the mark that belongs to the other. */
function listClaims(response: string, sentence: Sentence): Claim[] {
  const masked = maskMarkup(sentence.text);
  const spans = masked.includes(MASK) || /\s{2}|\n/.test(masked) ? [sentence] : splitClaims(masked, sentence);
  return spans.map(({ start, end }) => ({ text: response.slice(start, end), start, end }));
}
