/** A claim's text -> pieces: stretches found in its passages, and the words that the model put between them. */
import type { Span } from "../../response/sentences.ts";
import type { ClaimPiece } from "../../types.ts";

/** Longest stretch first, word by word; the pieces, one after the other, are exactly the text. */
export function alignPieces(
  response: string,
  text: string,
  passages: readonly Span[],
): readonly ClaimPiece[] {
  const pieces: ClaimPiece[] = [];
  const texts = passages.map(({ start, end }) => ({ start, passage: response.slice(start, end) }));
  for (let at = 0; at < text.length;) {
    const match = isWordStart(text, at) ? findLongest(text, at, texts) : undefined;
    if (match !== undefined) {
      pieces.push(match);
      at += match.end - match.start;
      continue;
    }
    const end = nextWord(text, at);
    pushInsert(pieces, text.slice(at, end));
    at = end;
  }
  return pieces;
}

type Passage = { readonly start: number; readonly passage: string };

function findLongest(text: string, at: number, passages: readonly Passage[]): Span | undefined {
  const word = text.slice(at, endOfWord(text, at));
  let longest: Span | undefined;
  for (const { start, passage } of passages)
    for (let found = passage.indexOf(word); found >= 0; found = passage.indexOf(word, found + 1)) {
      const length = isWordStart(passage, found) ? commonLength(passage.slice(found), text.slice(at)) : 0;
      if (length > 0 && (longest === undefined || length > longest.end - longest.start))
        longest = { start: start + found, end: start + found + length };
    }
  return longest;
}

/** How far both go on alike, cut back to the end of a word. */
function commonLength(left: string, right: string): number {
  let length = 0;
  while (length < left.length && length < right.length && left[length] === right[length]) length++;
  while (length > 0 && (isInside(left, length) || isInside(right, length))) length--;
  return length;
}

const isLetter = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{M}\p{N}]/u.test(char);
const isInside = (text: string, at: number): boolean => isLetter(text[at - 1]) && isLetter(text[at]);
const isWordStart = (text: string, at: number): boolean => isLetter(text[at]) && !isLetter(text[at - 1]);

function endOfWord(text: string, at: number): number {
  let end = at;
  while (end < text.length && isLetter(text[end])) end++;
  return end;
}

function nextWord(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && !isWordStart(text, end)) end++;
  return end;
}

function pushInsert(pieces: ClaimPiece[], insert: string): void {
  const last = pieces.at(-1);
  if (last !== undefined && "insert" in last) pieces[pieces.length - 1] = { insert: last.insert + insert };
  else pieces.push({ insert });
}
