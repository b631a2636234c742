/** The quotation checker: what stands in quotation marks must stand in a source, word for word. */
import type { Checker, Claim, Finding, Proof, Source } from "../../types.ts";
import { MASK, maskMarkup } from "../../response/markup.ts";
import { indexSources, type SourceIndex } from "../../sources/source-index.ts";
import { isStopWord, listWords } from "../../sources/words.ts";
import { summarise, type Statement } from "../statement.ts";
import { findAltered } from "./altered.ts";
import { listQuotes, normaliseQuote, type Quote } from "./quotes.ts";

export const quotationChecker: Checker = { name: "quotation", judges: "grounding", check, recheck };

const CLAIM_CHARS_MAX = 2000;

function check(claim: Claim, _response: string, sources: readonly Source[]): Finding {
  if (claim.text.length > CLAIM_CHARS_MAX) return { verdict: "not-applicable" };
  const text = maskMarkup(claim.text).replaceAll(MASK, " ");
  const quotes = listQuotes(text);
  if (quotes.length === 0) return { verdict: "not-applicable" };
  const indexes = indexSources(sources);
  const outside = quotes.reduce(
    (rest, { start, end }) => rest.slice(0, start) + " ".repeat(end - start) + rest.slice(end),
    text,
  );
  const reservation =
    /\b(?:not|never|false(?:ly)?|wrong(?:ly)?|misquoted?|myth|instead of|if|would)\b|n['’]t\b/i.test(outside)
      ? "the claim is not a plain attribution"
      : undefined;
  return summarise(
    quotes.map((quote) => judge(quote, outside, indexes)),
    reservation,
  );
}

function judge(quote: Quote, outside: string, indexes: readonly SourceIndex[]): Statement {
  if (indexes.length === 0) return leaveOpen(`no source was supplied for "${quote.text}"`);
  const exact = indexes.map((index) => findExact(quote, index)).find((witness) => witness !== undefined);
  if (exact !== undefined) return { holds: true, isWhole: isAttribution(outside, indexes), witness: exact };
  for (const { source, words } of indexes) {
    const altered = findAltered(quote, words);
    if (altered === undefined) continue;
    const { start, end } = altered;
    const there = source.text.slice(start, end).replaceAll(/\s+/g, " ");
    const witness = `quoted ${JSON.stringify(quote.text)}; source ${JSON.stringify(source.sourceId)} at ${start} to ${end} has ${JSON.stringify(there)}: altered`;
    return { holds: false, isWhole: false, witness };
  }
  return leaveOpen(`"${quote.text}" is in no source, and nothing close to it`);
}

function leaveOpen(witness: string): Statement {
  return { holds: undefined, isWhole: false, witness };
}

/** Word for word, signs and all, but for kinds of quotation marks, white space and the mark that ends the quotation. */
function findExact(quote: Quote, { source }: SourceIndex): string | undefined {
  const haystack = normaliseQuote(source.text);
  let at = 0;
  for (const piece of quote.pieces) {
    const found = haystack.indexOf(piece, at);
    if (found < 0) return undefined;
    at = found + piece.length;
  }
  return `quoted ${JSON.stringify(quote.text)}; source ${JSON.stringify(source.sourceId)} has it word for word`;
}

const ATTRIBUTION =
  /^(?:say|says|said|state|states|stated|write|writes|wrote|written|report|reports|reported|note|notes|noted|according|describe|describes|described|call|calls|called|read|reads|put|puts|declare|declares|declared|conclude|concludes|concluded|source|article|text|document|paper|author|authors|quote|quotes|words|add|adds|added|explain|explains|explained)$/;

/** Who said it must be in the source too: every word outside the quotation is a word of reporting or stands in a source. */
function isAttribution(outside: string, indexes: readonly SourceIndex[]): boolean {
  const known = new Set(
    indexes.flatMap(({ source, words }) => [...words, ...listWords(source.title)].map(({ lower }) => lower)),
  );
  return listWords(outside).every(
    ({ lower }) => isStopWord(lower) || ATTRIBUTION.test(lower) || known.has(lower),
  );
}

const ALTERED =
  /^quoted ("(?:[^"\\]|\\.){1,1000}"); source ("(?:[^"\\]|\\.){1,200}") at (\d{1,7}) to (\d{1,7}) has ("(?:[^"\\]|\\.){1,1000}"): altered$/;
const WORD_FOR_WORD =
  /^quoted ("(?:[^"\\]|\\.){1,1000}"); source ("(?:[^"\\]|\\.){1,200}") has it word for word: holds$/;

/** Reads the passage at the place that the witness names, and compares words without the search that found it. */
function recheck(
  { verdict, witness }: Proof,
  claim: Claim,
  _response: string,
  sources: readonly Source[],
): boolean {
  const exact = WORD_FOR_WORD.exec(witness.replace(/(?<=word for word)$/, ": holds"));
  const altered = ALTERED.exec(witness);
  const [, quoteText = '""', sourceText = '""', start, end] = exact ?? altered ?? [];
  const [quote, sourceId] = [JSON.parse(quoteText) as string, JSON.parse(sourceText) as string];
  const source = sources.find((candidate) => candidate.sourceId === sourceId);
  if (source === undefined || !squeeze(claim.text).includes(squeeze(quote))) return false;
  if (exact !== null)
    return (
      verdict === "supported" &&
      piecesOf(quote).every((piece) => squeeze(source.text).includes(squeeze(piece)))
    );
  const [there, said] = [squeeze(source.text.slice(Number(start), Number(end))), squeeze(quote)];
  return verdict === "refuted" && there !== said && !squeeze(source.text).includes(said);
}

const squeeze = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "");
const piecesOf = (quote: string): string[] =>
  quote.split(/\[?(?:\.\.\.|…)\]?/).filter((piece) => piece.trim() !== "");
