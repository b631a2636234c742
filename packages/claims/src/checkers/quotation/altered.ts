/** Near misses: a passage of a source that differs from a quotation in a few words. */
import { listWords, type Word } from "../../sources/words.ts";
import type { Quote } from "./quotes.ts";

/** Shorter quotations come close to too much. */
const WORDS_MIN = 4;
const WORDS_MAX = 200;
const CANDIDATES_MAX = 20;
/** One word in four may differ. */
const CHANGED_SHARE_MAX = 0.25;

/** The place of the closest passage when it differs in at least one word and at most a quarter of them. */
export function findAltered(
  quote: Quote,
  words: readonly Word[],
): { readonly start: number; readonly end: number } | undefined {
  const said = listWords(quote.text).map(({ lower }) => lower);
  // What is left out or put in brackets is owned up to.
  if (quote.pieces.length > 1 || /[[\]]/.test(quote.text)) return undefined;
  if (said.length < WORDS_MIN || said.length > WORDS_MAX) return undefined;
  const changedMax = Math.max(1, Math.floor(said.length * CHANGED_SHARE_MAX));
  let best: { changed: number; from: number; to: number } | undefined;
  for (const from of listCandidates(said, words)) {
    const near = alignAt(said, words, from, changedMax);
    if (near !== undefined && (best === undefined || near.changed < best.changed)) best = near;
  }
  // The same words with other punctuation are no altered quotation.
  if (best === undefined || best.changed === 0) return undefined;
  return { start: words[best.from]?.start ?? 0, end: words[best.to]?.end ?? 0 };
}

/** Where a passage that shares pairs of neighbouring words with the quotation would begin; the most shared first. */
function listCandidates(said: readonly string[], words: readonly Word[]): number[] {
  const pairs = new Map<string, number>();
  for (let at = 0; at + 1 < said.length; at++) pairs.set(`${said[at] ?? ""} ${said[at + 1] ?? ""}`, at);
  const shared = new Map<number, number>();
  for (let at = 0; at + 1 < words.length; at++) {
    const place = pairs.get(`${words[at]?.lower ?? ""} ${words[at + 1]?.lower ?? ""}`);
    if (place !== undefined) shared.set(at - place, (shared.get(at - place) ?? 0) + 1);
  }
  return [...shared]
    .sort(([from, count], [otherFrom, otherCount]) => otherCount - count || from - otherFrom)
    .slice(0, CANDIDATES_MAX)
    .map(([from]) => Math.max(0, from));
}

/** Word edit distance between the quotation and the best passage that begins at `from`; undefined above `changedMax`. */
function alignAt(said: readonly string[], words: readonly Word[], from: number, changedMax: number) {
  const window = words.slice(from, from + said.length + changedMax).map(({ lower }) => lower);
  let row = window.map((_, at) => at + 1);
  row.unshift(0);
  for (const [index, word] of said.entries()) {
    const next = [index + 1];
    for (const [at, there] of window.entries()) {
      const replaced = (row[at] ?? 0) + (word === there ? 0 : 1);
      next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  const changed = Math.min(...row.slice(1));
  const length = row.lastIndexOf(changed);
  return changed > changedMax || length < 1 ? undefined : { changed, from, to: from + length - 1 };
}
