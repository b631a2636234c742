/** One sentence: is it checkable, what is it made of, and does each part stand alone once its pronouns are replaced. */
import { maskMarkup, MASK } from "./markup.ts";
import { splitSentence } from "./clauses/split.ts";
import { listLeaves, mapLeaves, toLeaf, type Leaf, type Tree } from "./clauses/tree.ts";
import { parseClause } from "./clauses/verb-groups.ts";
import { listMentions } from "./references/mentions.ts";
import { resolveReferences, type Context, type Known } from "./references/resolve.ts";
import { selectSentence, type Selection } from "./select.ts";
import type { Unit } from "./units.ts";
import { readWords, type Word } from "./words.ts";

export type Reading = Selection & {
  /** Absent where the sentence is no claim, or its words cannot be read: then it is one claim as it stands. */
  readonly tree: Tree | undefined;
  readonly leaves: readonly Leaf[];
};

export function readUnit(response: string, unit: Unit, said: Context): Reading {
  if (unit.kind === "table") return readTableUnit(unit);
  if (unit.kind !== "prose") return leaveOut(unit.kind);
  const text = readPlain(response.slice(unit.start, unit.end));
  const selection = selectSentence(text);
  const words = readWords(response, unit);
  const item =
    selection.category === "fragment" || !hasClause(words) ? readItem(response, unit, words) : undefined;
  if (item !== undefined) return item;
  if (selection.kind !== "claim")
    return { ...selection, tree: undefined, leaves: mentionedIn(words, selection) };
  if (words === undefined) return { ...selection, tree: undefined, leaves: [] };
  return settle(selection, splitSentence(words), words, said);
}

/** An ambiguous sentence still names things; so does an opinion. */
function mentionedIn(words: readonly Word[] | undefined, { category }: Selection): readonly Leaf[] {
  const isSpoken = category === "ambiguous" || category === "opinion" || category === "introduction";
  return words === undefined || !isSpoken ? [] : listLeaves(splitSentence(words));
}

const hasClause = (words: readonly Word[] | undefined): boolean =>
  words !== undefined && parseClause(words) !== undefined;

const WHOLE_BLOCKS = { heading: "heading", code: "code", definition: "link definition" } as const;

function leaveOut(kind: keyof typeof WHOLE_BLOCKS): Reading {
  return { kind: "not-checkable", category: kind, reason: WHOLE_BLOCKS[kind], tree: undefined, leaves: [] };
}

export function readPlain(text: string): string {
  return maskMarkup(text).replaceAll(MASK, "").replaceAll(/\s+/g, " ").trim();
}

/** Replaces what points elsewhere. A part that cannot be settled is left open, a sentence of which no part can be is ambiguous. */
function settle(selection: Selection, tree: Tree, words: readonly Word[], said: Context): Reading {
  const known: Known = new Map();
  const settled = resolveTree(tree, said, known);
  const leaves = listLeaves(settled.tree);
  if (leaves.length > 0) return { ...selection, tree: settled.tree, leaves };
  const whole = resolveTree(toLeaf(words), said, known);
  if (listLeaves(whole.tree).length > 0)
    return { ...selection, tree: whole.tree, leaves: listLeaves(whole.tree) };
  const reason = settled.reasons[0] ?? "it cannot be read alone";
  return { kind: "ambiguous", category: "ambiguous", reason, tree: undefined, leaves: [] };
}

function resolveTree(tree: Tree, said: Context, known: Known): { tree: Tree; reasons: readonly string[] } {
  const here: Leaf[] = [];
  const reasons: string[] = [];
  const resolved = mapLeaves(tree, (leaf) => {
    const found = resolveReferences(leaf, here.length === 0 ? said : [listMentions(here), ...said], known);
    if (!found.ok) {
      reasons.push(found.reason);
      return { kind: "open", reason: found.reason };
    }
    const settled = { ...leaf, words: found.words };
    here.push(settled);
    return settled;
  });
  return { tree: resolved, reasons };
}

/** "- smoking" under "The main causes are:" says what its head begins. */
function readItem(response: string, unit: Unit, words: readonly Word[] | undefined): Reading | undefined {
  const head = unit.head === undefined ? undefined : readWords(response, unit.head);
  if (unit.head === undefined || head === undefined || words === undefined || words.length === 0)
    return undefined;
  const stem = response.slice(unit.head.start, unit.head.end);
  const isStatement = parseClause(head) !== undefined && !/\b(?:following|follows|below|here)\b/i.test(stem);
  const { category } = selectSentence(readPlain(stem));
  if (!isStatement || (category !== "introduction" && category !== "fact")) return undefined;
  const item = words.at(-1)?.text === "." ? words.slice(0, -1) : words;
  const leaf = toLeaf([...head, ...item]);
  const tree: Tree = { kind: "within", scope: "list-head", words: head, part: leaf };
  return {
    kind: "claim",
    category: "fact",
    reason: "an item that its list's head makes a statement of",
    tree,
    leaves: [leaf],
  };
}

function readTableUnit({ row }: Unit): Reading {
  if (row === undefined)
    return { kind: "not-checkable", category: "table-head", reason: "table", tree: undefined, leaves: [] };
  const empty = row.cells.cells[0];
  return empty === undefined
    ? { kind: "not-checkable", category: "fragment", reason: "an empty row", tree: undefined, leaves: [] }
    : { kind: "claim", category: "fact", reason: "a row that states its cells", tree: undefined, leaves: [] };
}
