/** What stands before a clause: connectives that say nothing, and phrases that govern it. */
import type { StructureScope } from "../../types.ts";
import type { Word } from "../words.ts";
import { startsSubject } from "./vocabulary.ts";
import { listDepths, parseClause } from "./verb-groups.ts";

/** Longest first where one begins like another. */
const CONNECTIVES = [
  "it is important to note that",
  "it 's important to note that",
  "it is worth noting that",
  "it 's worth noting that",
  "it should be noted that",
  "it is also worth noting that",
  "please note that",
  "note that",
  "on the other hand",
  "as a result",
  "as such",
  "in contrast",
  "by contrast",
  "in comparison",
  "in addition",
  "in fact",
  "in reality",
  "in other words",
  "in summary",
  "in conclusion",
  "for example",
  "for instance",
  "of course",
  "that said",
  "additionally",
  "moreover",
  "furthermore",
  "however",
  "therefore",
  "thus",
  "hence",
  "consequently",
  "nevertheless",
  "nonetheless",
  "instead",
  "interestingly",
  "similarly",
  "likewise",
  "meanwhile",
  "overall",
  "finally",
  "indeed",
  "yes",
  "no",
  "and",
  "but",
  "so",
].map((phrase) => phrase.split(" "));

/** "However, ..." and "It is worth noting that ..." join sentences; what is stated comes after them. */
export function dropConnectives(words: readonly Word[]): readonly Word[] {
  let rest = words;
  for (let turn = 0; turn < 4; turn++) {
    const phrase = CONNECTIVES.find((candidate) => candidate.every((part, at) => rest[at]?.lower === part));
    if (phrase === undefined) return rest;
    const isOpen = phrase.at(-1) === "that" || /^(?:and|but|so)$/.test(phrase[0] ?? "");
    const hasComma = rest[phrase.length]?.text === ",";
    if (!isOpen && !hasComma) return rest;
    rest = rest.slice(phrase.length + (hasComma ? 1 : 0));
  }
  return rest;
}

export type Front = {
  readonly scope: StructureScope | "concession" | "cause";
  readonly front: readonly Word[];
  /** The clause after it. */
  readonly rest: readonly Word[];
};

/** "In 1990, ...", "According to X, ...", "If ..., ...": what stands before the subject and governs all that follows. */
export function findFront(words: readonly Word[]): Front | undefined {
  const [first] = words;
  if (first === undefined || !OPENERS.has(first.lower)) return undefined;
  const depths = listDepths(words);
  for (let comma = 1; comma < words.length - 2; comma++) {
    if (words[comma]?.text !== "," || depths[comma] !== 0) continue;
    const rest = words.slice(comma + 1);
    if (rest[0] === undefined || !startsSubject(rest[0])) continue;
    const clause = parseClause(rest);
    if (clause === undefined || clause.subject.some(({ text }) => text === ",")) continue;
    return { scope: classifyFront(words), front: words.slice(0, comma), rest };
  }
  return undefined;
}

const OPENERS = new Set(
  "in on at by from during since until before after between among under over with without for despite throughout across through within when whenever while whereas if unless although though even because as once upon according like unlike today currently historically originally to depending based given provided suppose assuming".split(
    " ",
  ),
);

function classifyFront(words: readonly Word[]): Front["scope"] {
  const [first, second] = [words[0]?.lower ?? "", words[1]?.lower ?? ""];
  if (/^(?:if|unless|provided|suppose|assuming)$/.test(first)) return "condition";
  if (
    first === "according" ||
    (first === "in" && /^(?:his|her|their)$/.test(second) && words[2]?.lower === "view")
  )
    return "attribution";
  const isClause = parseClause(words.slice(first === "even" ? 2 : 1)) !== undefined;
  if (
    isClause &&
    (/^(?:although|though|whereas|while)$/.test(first) || (first === "even" && second === "though"))
  )
    return "concession";
  return isClause && first === "because" && second !== "of" ? "cause" : "circumstance";
}
