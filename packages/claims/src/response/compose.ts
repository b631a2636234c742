/** Words -> the text of a claim, with the place of every word in the response. */
import { invariant } from "@mira/primitives";
import type { Claim, ClaimPiece } from "../types.ts";
import type { Word } from "./words.ts";

/** All that a claim may hold and its response does not. */
export const INSERTABLE: ReadonlySet<string> = new Set([
  " ",
  "is",
  "are",
  "was",
  "were",
  "has",
  "have",
  "include",
  ",",
  ": ",
  "'s",
  "'",
  " — ",
]);

/** Neighbouring words keep what stood between them; where words were moved together, a space does. */
export function composePieces(response: string, words: readonly Word[]): readonly ClaimPiece[] {
  const pieces: ClaimPiece[] = [];
  for (const [at, word] of words.entries()) {
    const before = words[at - 1];
    const gap = before === undefined ? "" : gapBetween(response, before, word);
    if (gap !== "") pushInsert(pieces, gap);
    if (word.start < 0) pushInsert(pieces, word.text);
    else pushSpan(response, pieces, word);
  }
  return pieces;
}

/** Whether a claim's text is what its pieces, or its stretch of the response, give. */
export function isWritten({ text, start, end, pieces }: Claim, response: string): boolean {
  return (pieces === undefined ? response.slice(start, end) : renderPieces(response, pieces)) === text;
}

export function renderPieces(response: string, pieces: readonly ClaimPiece[]): string {
  return pieces
    .map((piece) => ("insert" in piece ? piece.insert : response.slice(piece.start, piece.end)))
    .join("");
}

/** A single space counts as the response's own when it is exactly what lies between the two words. */
function gapBetween(response: string, before: Word, word: Word): string {
  if (before.text.endsWith(" ") || word.text.startsWith(" ")) return "";
  const isNext = before.start >= 0 && word.start >= before.end;
  const between = isNext && word.start - before.end <= 1 ? response.slice(before.end, word.start) : " ";
  if (between === "" && isNext) return "";
  if (/^[,.;:!?%)\]]|^['’](?:s|re)?$|^n['’]t$/.test(word.text) || /^[([$£€]$/.test(before.text)) {
    return isNext && response.slice(before.end, word.start).includes(" ") && !/^[,.;:!?)\]]/.test(word.text)
      ? " "
      : "";
  }
  return " ";
}

function pushInsert(pieces: ClaimPiece[], insert: string): void {
  invariant(INSERTABLE.has(insert), `"${insert}" is no joining word`);
  pieces.push({ insert });
}

/** Grows the last span where the two touch in the response and nothing else came between. */
function pushSpan(response: string, pieces: ClaimPiece[], { start, end }: Word): void {
  const [beforeLast, last] = [pieces.at(-2), pieces.at(-1)];
  if (last !== undefined && "start" in last && last.end === start) {
    pieces[pieces.length - 1] = { start: last.start, end };
    return;
  }
  const isSpaced = last !== undefined && "insert" in last && last.insert === " ";
  if (
    isSpaced &&
    beforeLast !== undefined &&
    "start" in beforeLast &&
    beforeLast.end + 1 === start &&
    response[beforeLast.end] === " "
  ) {
    pieces.splice(-2, 2, { start: beforeLast.start, end });
    return;
  }
  pieces.push({ start, end });
}
