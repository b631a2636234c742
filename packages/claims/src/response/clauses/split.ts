/** A sentence's words -> the clauses it is made of, each able to stand alone, and how the sentence follows from them. */
import type { Word } from "../words.ts";
import { findAside } from "./asides.ts";
import { findCoordination } from "./coordination.ts";
import { splitEnumeration } from "./lists.ts";
import { findHead } from "./phrases.ts";
import { dropConnectives, findFront, type Front } from "./openings.ts";
import { listLeaves, mapLeaves, toLeaf, toTree, type Tree } from "./tree.ts";
import { isNominal } from "./vocabulary.ts";
import { listDepths, parseClause } from "./verb-groups.ts";

/** Deeper than any plain sentence goes; each step takes words away. */
const DEPTH_MAX = 8;

/** One leaf with all the words where the sentence cannot be taken apart safely. */
export function splitSentence(words: readonly Word[]): Tree {
  const body = dropConnectives(dropStrayMarks(trimEnd(words)));
  const tree = splitClause(body, 0);
  return listLeaves(tree).every((leaf) => isStatement(leaf.words)) ? tree : toLeaf(body);
}

function splitClause(words: readonly Word[], depth: number): Tree {
  if (depth > DEPTH_MAX) return toLeaf(words);
  const because = words
    .slice(0, 3)
    .map(({ lower }) => lower)
    .join(" ");
  if (/^(?:this|that|it) (?:is|was|'s) because$/.test(because))
    return toTree("all", [
      splitClause(words.slice(3), depth + 1),
      { kind: "open", reason: `"${because}": that it is the reason is not examined` },
    ]);
  const front = findFront(words);
  if (front !== undefined) return splitFronted(front, depth);
  const scope = findScope(words);
  if (scope !== undefined) return { kind: "within", ...scope, part: toLeaf(words) };
  const coordination = findCoordination(words);
  if (coordination !== undefined) {
    const { kind, left, right, link } = coordination;
    const parts = [splitClause(left, depth + 1), splitClause(right, depth + 1)];
    if (link === undefined) return toTree(kind, parts);
    return toTree(kind, [
      ...parts,
      { kind: "open", reason: `"${link}": that one follows from the other is not examined` },
    ]);
  }
  return splitSimple(words, depth);
}

function splitSimple(words: readonly Word[], depth: number): Tree {
  const aside = findAside(words);
  if (aside !== undefined) {
    const said = splitClause(aside.said, depth + 1);
    const side = aside.isGoverned ? said : mapLeaves(said, (leaf) => ({ ...leaf, isSide: true }));
    return toTree("all", [splitClause(aside.main, depth + 1), side]);
  }
  const items = splitEnumeration(words);
  return items === undefined
    ? toLeaf(words)
    : toTree(
        "all",
        items.map((item) => toLeaf(item)),
      );
}

function splitFronted({ scope, front, rest }: Front, depth: number): Tree {
  const main = splitClause(rest, depth + 1);
  if (scope === "concession" || scope === "cause") {
    const conceded = splitClause(front.slice(front[0]?.lower === "even" ? 2 : 1), depth + 1);
    if (scope === "concession") return toTree("all", [conceded, main]);
    return toTree("all", [
      conceded,
      main,
      { kind: "open", reason: `"because": that it is the reason is not examined` },
    ]);
  }
  const aside = findFrontAside(front);
  const bare = aside?.front ?? front;
  const governed = mapLeaves(main, (leaf) =>
    leaf.isSide ? leaf : { ...leaf, front: leaf.front.length === 0 ? bare : [...bare, ...leaf.front] },
  );
  const tree: Tree = { kind: "within", scope, words: bare, part: governed };
  return aside === undefined ? tree : toTree("all", [tree, toLeaf(aside.said, true)]);
}

/** "According to the Gini coefficient, which is a measure of ..., ...". */
function findFrontAside(
  front: readonly Word[],
): { front: readonly Word[]; said: readonly Word[] } | undefined {
  const comma = front.findIndex(
    ({ text }, at) => text === "," && /^(?:which|who)$/.test(front[at + 1]?.lower ?? ""),
  );
  const from = front[0]?.lower === "according" ? 2 : 1;
  const phrase = front.slice(from, Math.max(comma, 0));
  if (phrase.length === 0 || !phrase.some(isNominal) || phrase.some(({ pos }) => pos === "ADP"))
    return undefined;
  return { front: front.slice(0, comma), said: [...phrase, ...front.slice(comma + 2)] };
}

const SAYING =
  /^(?:say|says|said|claims?|claimed|believes?|believed|reports?|reported|states?|stated|argues?|argued|suggests?|suggested|estimates?|estimated|thinks?|thought|alleges?|alleged|denies|denied|writes|wrote|announced|found|finds|showed?|shows?|predicts?|predicted|warns?|warned)$/;

/** What the verb or a later "if" puts all of the clause under: it stays whole. */
function findScope(
  words: readonly Word[],
): { scope: "attribution" | "condition" | "negation"; words: readonly Word[] } | undefined {
  const clause = parseClause(words);
  if (clause === undefined) return undefined;
  const depths = listDepths(words);
  const [next] = clause.rest;
  const isSaying = SAYING.test(clause.verb.at(-1)?.lower ?? "");
  if (isSaying && next !== undefined && (next.lower === "that" || /^["“:,]$/.test(next.text)))
    return { scope: "attribution", words: [...clause.subject, ...clause.verb] };
  const isDenied = /^(?:myth|misconception|false|untrue|incorrect|wrong|not)$/;
  const that = clause.rest.findIndex(({ lower }) => lower === "that");
  if (
    clause.subject[0]?.lower === "it" &&
    that >= 0 &&
    that <= 5 &&
    [...clause.verb, ...clause.rest.slice(0, that)].some(({ lower }) => isDenied.test(lower))
  )
    return { scope: "negation", words: words.slice(0, clause.subject.length + clause.verb.length + that) };
  const at = words.findIndex(
    ({ lower }, index) => depths[index] === 0 && /^(?:if|unless|provided)$/.test(lower),
  );
  return at > 0 ? { scope: "condition", words: words.slice(at) } : undefined;
}

/** A quotation mark that opens here and closes sentences later, or the other way round. */
function dropStrayMarks(words: readonly Word[]): readonly Word[] {
  const isStray = words.filter(({ text }) => text === '"').length % 2 === 1;
  if (!isStray) return words;
  if (words[0]?.text === '"') return words.slice(1);
  return words.at(-1)?.text === '"' ? trimEnd(words.slice(0, -1)) : words;
}

function trimEnd(words: readonly Word[]): readonly Word[] {
  let end = words.length;
  while (end > 0 && /^[.!…;:,]+$/.test(words[end - 1]?.text ?? "")) end--;
  return words.slice(0, end);
}

/** Something is said to be or to do something. */
function isStatement(words: readonly Word[]): boolean {
  const [first] = words;
  const clause = parseClause(words);
  if (first === undefined || clause === undefined || first.pos === "CCONJ" || words.length < 3) return false;
  return findHead(clause.subject) !== undefined || clause.subject.some(({ pos }) => pos === "PRON");
}
