/** Whether a source sentence narrows down what the claim says in general: "the bridge's approaches cost ..." is not "the bridge cost ...". */
import { isStopWord, toStem } from "../../sources/words.ts";
import type { Token } from "../../text/tokens.ts";
import { readUnit } from "../units/read-measure.ts";
import type { Subject } from "./subject.ts";

/** Words of the sentence that the claim lacks, by where they stand; asides between commas or brackets are left out. */
export type Scope = { readonly before: boolean; readonly after: boolean };

export function findScope(
  tokens: readonly Token[],
  figureAt: number,
  claim: Subject,
  title: ReadonlySet<string>,
): Scope {
  const known = new Set(claim.stems);
  const asides = listAsides(tokens, figureAt);
  const units = listUnitWords(tokens);
  const isForeign = (token: Token, at: number): boolean => {
    const stem = toStem(token.lower.replace(/['’]s$/, ""));
    if (token.kind !== "word" || isStopWord(token.lower) || known.has(stem) || title.has(stem)) return false;
    return !asides.has(at) && !units.has(at) && !HARMLESS.test(token.lower) && !isPlace(tokens, at);
  };
  const [start, end] = findClause(tokens, figureAt);
  const opening = tokens.findIndex(({ kind }) => kind === "figure");
  return {
    before: tokens.some(
      (token, at) => (at < opening || (at >= start && at < figureAt)) && isForeign(token, at),
    ),
    after: tokens.some((token, at) => at > figureAt && at < end && isForeign(token, at)),
  };
}

/** The clause around a token: from `start` up to `end`. */
export function findClause(tokens: readonly Token[], at: number): readonly [start: number, end: number] {
  const isEnd = (index: number): boolean =>
    /^(?:[,;:()]|and|but|while|whereas)$/.test(tokens[index]?.lower ?? ";");
  let [start, end] = [at, at + 1];
  while (start > 0 && !isEnd(start - 1)) start--;
  while (end < tokens.length && !isEnd(end)) end++;
  return [start, end];
}

const HARMLESS =
  /^(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|about|approximately|roughly|around|exactly|nearly|almost|some|now|today|currently|officially|first|finally|eventually|total)$/;

/** "opened to traffic": where or to whom. */
function isPlace(tokens: readonly Token[], at: number): boolean {
  const before = /^(?:the|a|an)$/.test(tokens[at - 1]?.lower ?? "") ? at - 2 : at - 1;
  return before > 1 && /^(?:to|at)$/.test(tokens[before]?.lower ?? "");
}

/** Between two commas, or brackets, before the figure. */
function listAsides(tokens: readonly Token[], figureAt: number): Set<number> {
  const aside = new Set<number>();
  const marks = tokens.flatMap(({ text }, at) => (at < figureAt && /^[,()]$/.test(text) ? [at] : []));
  const [first, last] = [marks[0], marks.at(-1)];
  if (first === undefined || last === undefined) return aside;
  for (let at = first; at < last; at++) aside.add(at);
  return aside;
}

function listUnitWords(tokens: readonly Token[]): Set<number> {
  const words = new Set<number>();
  for (const [at, token] of tokens.entries()) {
    const unit = token.kind === "figure" ? readUnit(tokens, at + 1) : undefined;
    for (let word = at + 1; word < (unit?.next ?? 0); word++) words.add(word);
  }
  return words;
}
