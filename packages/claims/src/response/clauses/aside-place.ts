/** Where something said in passing stands in its clause, and the clause without it. */
import type { Word } from "../words.ts";
import { RELATIVES } from "./vocabulary.ts";
import { listDepths, type Clause } from "./verb-groups.ts";

export type Aside = {
  /** The clause without it. */
  readonly main: readonly Word[];
  /** What it says, as a clause of its own. */
  readonly said: readonly Word[];
  /** Said of the clause's subject under all that governs the clause. */
  readonly isGoverned: boolean;
};

export type Place = {
  readonly words: readonly Word[];
  readonly clause: Clause;
  readonly verbAt: number;
  /** Index of the comma before, or of the relative pronoun where there is none. */
  readonly at: number;
  readonly end: number;
};

/** Within the subject up to the comma before the verb, else up to the next relative clause or the end. */
export function endOfAside(words: readonly Word[], at: number, verbAt: number): number {
  const depths = listDepths(words);
  if (at < verbAt) {
    for (let end = verbAt - 1; end > at; end--) if (words[end]?.text === "," && depths[end] === 0) return end;
    return -1;
  }
  for (let end = at + 2; end < words.length - 1; end++) {
    if (RELATIVES.has(words[end]?.lower ?? "")) break;
    const isComma = words[end]?.text === "," && depths[end] === 0;
    if (isComma && opensRelative(words, end)) return end;
  }
  return words.length;
}

const opensRelative = (words: readonly Word[], comma: number): boolean =>
  /^(?:which|who)$/.test(words[comma + 1]?.lower ?? "");

/** The comma that closes the aside goes with it, unless the next aside begins there. */
export function cutOut({ words, at, end }: Place): readonly Word[] {
  return [...words.slice(0, at), ...words.slice(opensRelative(words, end) ? end : end + 1)];
}
