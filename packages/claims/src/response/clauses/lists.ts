/** Enumerations that say the same of each item: "include A, B and C", "such as A, B and C", "there are two: A and B". */
import { insertWord, type Word } from "../words.ts";
import { splitList } from "./phrases.ts";
import { hasNegation } from "./vocabulary.ts";
import { listDepths, parseClause, type Clause } from "./verb-groups.ts";

/** A clause for each item; undefined when there is no list, or "A and B" could be meant as one. */
export function splitEnumeration(words: readonly Word[]): (readonly Word[])[] | undefined {
  const clause = parseClause(words);
  if (clause === undefined || hasNegation(words)) return undefined;
  return splitIncluded(clause) ?? splitExamples(words) ?? splitNamed(words, clause);
}

function splitIncluded({ subject, verb, rest }: Clause): (readonly Word[])[] | undefined {
  const isIncluding =
    /^(?:includes?|included)$/.test(verb.at(-1)?.lower ?? "") && verb.every(({ pos }) => pos !== "AUX");
  const items = isIncluding ? splitList(rest) : undefined;
  return items?.map((item) => [...subject, ...verb, ...item]);
}

/** "such as A, B and C" at the end of the clause. */
function splitExamples(words: readonly Word[]): (readonly Word[])[] | undefined {
  const depths = listDepths(words);
  const at = words.findIndex(
    ({ lower }, index) =>
      depths[index] === 0 &&
      ((lower === "such" && words[index + 1]?.lower === "as") ||
        (lower === "including" && words[index - 1]?.text === ",")),
  );
  if (at < 0) return undefined;
  const from = words[at]?.lower === "such" ? at + 2 : at + 1;
  const items = splitList(words.slice(from));
  if (items === undefined || items.some((item) => item.some(({ pos }) => pos === "VERB" || pos === "AUX")))
    return undefined;
  return items.map((item) => [...words.slice(0, from), ...item]);
}

/** "there are three cities that ...: A, B and C": the clause, and each item as one of them. */
function splitNamed(
  words: readonly Word[],
  { subject, verb, rest }: Clause,
): (readonly Word[])[] | undefined {
  const depths = listDepths(words);
  const colon = words.findIndex(({ text }, at) => text === ":" && depths[at] === 0);
  if (colon < 0 || subject.at(-1)?.lower !== "there") return undefined;
  const items = splitList(words.slice(colon + 1));
  const named = rest.slice(0, colon - subject.length - verb.length);
  const kind = named[0]?.pos === "NUM" ? named.slice(1) : named;
  if (items === undefined || kind.length < 2) return undefined;
  return [words.slice(0, colon), ...items.map((item) => [...kind, insertWord("include", "VERB"), ...item])];
}
