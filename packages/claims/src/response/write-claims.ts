/** What was read -> claims with the place of every word, and the structure that leads back to the sentence. */
import type { ClaimPiece, SelfContainedClaim, Structure } from "../types.ts";
import { listWords, type Tree } from "./clauses/tree.ts";
import { composePieces, renderPieces } from "./compose.ts";
import { maskMarkup } from "./markup.ts";
import type { Reading } from "./read-unit.ts";
import type { Span } from "./sentences.ts";
import type { Unit } from "./units.ts";
import { insertWord, type Word } from "./words.ts";

type Task = {
  readonly response: string;
  readonly unit: Unit;
  readonly reading: Reading;
  /** Index of the sentence, and of the first claim it makes. */
  readonly sentence: number;
  readonly first: number;
};
type Written = { readonly claims: readonly SelfContainedClaim[]; readonly structure: Structure | undefined };

export function writeClaims(task: Task): Written {
  const { reading, unit } = task;
  if (reading.kind === "not-checkable") return { claims: [], structure: undefined };
  if (reading.kind === "ambiguous")
    return { claims: [], structure: { kind: "open", reason: reading.reason } };
  const written =
    unit.row === undefined ? writeTree(task) : writeRow(task, unit.row.columns.cells, unit.row.cells.cells);
  if (!unit.isQuoted || written.structure === undefined) return written;
  const { start, end } = unit;
  return {
    ...written,
    structure: { kind: "within", scope: "quotation", start, end, part: written.structure },
  };
}

function writeTree(task: Task): Written {
  const { unit, reading } = task;
  const claims: SelfContainedClaim[] = [];
  if (reading.tree === undefined) {
    const { start, end } = unit;
    addClaim(task, claims, [{ start, end }]);
    return { claims, structure: { kind: "claim", claim: task.first } };
  }
  return { claims, structure: writeNode(task, claims, reading.tree) };
}

function writeNode(task: Task, claims: SelfContainedClaim[], tree: Tree): Structure {
  switch (tree.kind) {
    case "open":
      return tree;
    case "leaf":
      return { kind: "claim", claim: addClaim(task, claims, composePieces(task.response, listWords(tree))) };
    case "within":
      return {
        kind: "within",
        scope: tree.scope,
        ...spanOf(tree.words, task.unit),
        part: writeNode(task, claims, tree.part),
      };
    default:
      return { kind: tree.kind, parts: tree.parts.map((part) => writeNode(task, claims, part)) };
  }
}

/** Index of the claim; one that the sentence already makes is not made twice. */
function addClaim(task: Task, claims: SelfContainedClaim[], pieces: readonly ClaimPiece[]): number {
  const text = renderPieces(task.response, pieces);
  const known = claims.findIndex((claim) => claim.text === text);
  if (known >= 0) return task.first + known;
  claims.push({ text, ...envelope(pieces, task.unit), pieces, sentence: task.sentence });
  return task.first + claims.length - 1;
}

/** The smallest stretch of the sentence that holds all pieces taken from it. */
function envelope(pieces: readonly ClaimPiece[], unit: Span): Span {
  const own = pieces.flatMap((piece) =>
    "start" in piece && piece.start >= unit.start && piece.end <= unit.end ? [piece] : [],
  );
  if (own.length === 0) return { start: unit.start, end: unit.end };
  return { start: Math.min(...own.map(({ start }) => start)), end: Math.max(...own.map(({ end }) => end)) };
}

function spanOf(words: readonly Word[], unit: Span): Span {
  const placed = words.filter(({ start }) => start >= 0);
  const own = placed.filter(({ start, end }) => start >= unit.start && end <= unit.end);
  const [first, last] = own.length > 0 ? [own[0], own.at(-1)] : [placed[0], placed.at(-1)];
  return { start: first?.start ?? unit.start, end: last?.end ?? unit.end };
}

/** "<row> — <column>: <cell>", a claim for each cell that holds something. */
function writeRow(task: Task, columns: readonly Span[], cells: readonly Span[]): Written {
  const claims: SelfContainedClaim[] = [];
  const parts: Structure[] = [];
  const [head, ...values] = cells.map((cell) => splitCell(task.response, cell));
  for (const [at, value] of values.entries()) {
    const column = splitCell(task.response, columns[at + 1] ?? { start: 0, end: 0 });
    if (value.length === 0) continue;
    if (head === undefined || head.length === 0 || column.length === 0) {
      parts.push({ kind: "open", reason: "a cell whose row or column has no name" });
      continue;
    }
    const words = [...head, insertWord(" — ", "PUNCT"), ...column, insertWord(": ", "PUNCT"), ...value];
    parts.push({ kind: "claim", claim: addClaim(task, claims, composePieces(task.response, words)) });
  }
  return { claims, structure: { kind: "all", parts } };
}

/** Bars and markup left out. */
function splitCell(response: string, { start, end }: Span): Word[] {
  const text = maskMarkup(response.slice(start, end));
  return [...text.matchAll(/[^\s|\u2060]+/g)].map(({ 0: word, index }) => ({
    text: word,
    lower: word.toLowerCase(),
    pos: "X",
    start: start + index,
    end: start + index + word.length,
  }));
}
