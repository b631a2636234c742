/** Blocks -> sentences: Intl.Segmenter, then repairs. */
import { isOneSentence } from "./abbreviations.ts";
import { MASK, maskMarkup } from "./markup.ts";

export type Span = { readonly start: number; readonly end: number };

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/** Sentences of one block of prose, as spans of the response. Nothing but white space and markup is left out. */
export function splitSentences(response: string, block: Span): Span[] {
  const text = joinLines(maskMarkup(response.slice(block.start, block.end)));
  const spans: Span[] = [];
  for (const { index, segment } of listSegments(text)) {
    const previous = spans.at(-1);
    const isJoined =
      previous !== undefined && isOneSentence(text.slice(previous.start, index).slice(-80), segment);
    if (isJoined) spans[spans.length - 1] = { start: previous.start, end: index + segment.length };
    else spans.push({ start: index, end: index + segment.length });
  }
  return spans
    .map((span) => trimSpan(text, span))
    .filter(({ start, end }) => start < end)
    .map(({ start, end }) => ({ start: block.start + start, end: block.start + end }));
}

type Segment = { readonly index: number; readonly segment: string };

/** The segmenter sees no end before a digit or a bracket when a small letter follows: "It cost 6. 1900 was ..." */
function* listSegments(text: string): Generator<Segment> {
  for (const { index, segment } of segmenter.segment(text)) {
    let start = 0;
    for (const joint of segment.matchAll(/[.!?]["”’)\u2060]{0,4}\s+(?=[\d(\u2060"“])/g)) {
      const end = joint.index + joint[0].length;
      if (isOneSentence(segment.slice(Math.max(start, end - 80), end), segment.slice(end, end + 80)))
        continue;
      yield { index: index + start, segment: segment.slice(start, end) };
      start = end;
    }
    if (start < segment.length) yield { index: index + start, segment: segment.slice(start) };
  }
}

/** The segmenter ends a sentence at every line; a paragraph goes on. Quote marks of a continued block quote go as well. */
function joinLines(text: string): string {
  return text.replaceAll(/\r?\n(?:[ \t]*>){0,8}/g, (mark) => " ".repeat(mark.length));
}

/** Takes white space and marks of markup off both ends; closes an emphasis that ends with the sentence. */
function trimSpan(text: string, { start, end }: Span): Span {
  const isBlank = (at: number): boolean => text[at] === MASK || /[\s•◦▪‣]/.test(text[at] ?? "");
  while (start < end && isBlank(start)) start++;
  while (end > start && isBlank(end - 1)) end--;
  return { start, end };
}
