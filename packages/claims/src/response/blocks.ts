/** Response -> blocks, each a run of text that no sentence crosses, with its place in the response. */
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";
import { neutraliseInline } from "./neutralise.ts";
import type { Span } from "./sentences.ts";

export type BlockKind = "prose" | "heading" | "code" | "table" | "definition";

export type Block = Span & {
  readonly kind: BlockKind;
  /** The paragraph before a list, when it ends with a colon: each item goes on from it. */
  readonly head: Span | undefined;
  readonly isQuoted: boolean;
  /** Cells of a table, row by row; the first row names the columns. */
  readonly rows: readonly Row[];
};
export type Row = Span & { readonly cells: readonly Span[] };

/** Blocks in order of the response. All text but markers of lists, quotes and rules lies in exactly one of them. */
export function splitBlocks(response: string): Block[] {
  const blocks: Block[] = [];
  const root = fromMarkdown(neutraliseInline(response), {
    extensions: [gfmTable()],
    mdastExtensions: [gfmTableFromMarkdown()],
  });
  const pending: Pending[] = [{ node: root, head: undefined, isQuoted: false }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const kind = BLOCK_KINDS[next.node.type];
    if (kind === undefined) pending.push(...listChildren(response, next).toReversed());
    else blocks.push(...toBlocks(response, kind, next));
  }
  return blocks;
}

type MarkdownNode = {
  readonly type: string;
  readonly children?: readonly MarkdownNode[] | undefined;
  readonly position?: { readonly start: Place; readonly end: Place } | undefined;
};
type Place = { readonly offset?: number | undefined };
type Pending = {
  readonly node: MarkdownNode;
  readonly head: Span | undefined;
  readonly isQuoted: boolean;
};

const BLOCK_KINDS: Readonly<Record<string, BlockKind | undefined>> = {
  paragraph: "prose",
  heading: "heading",
  code: "code",
  html: "code",
  definition: "definition",
  table: "table",
};

/** A list takes its head from the paragraph before it; what stands beside a list has none. */
function listChildren(response: string, { node, head, isQuoted }: Pending): Pending[] {
  const isItem = node.type === "list" || node.type === "listItem";
  return (node.children ?? []).map((child, at, children) => {
    const before = children[at - 1];
    const isHeaded = child.type === "list" && before?.type === "paragraph";
    const own = isHeaded ? findHead(response, before) : undefined;
    const inherited = isItem && child.type !== "list" ? head : undefined;
    return { node: child, head: own ?? inherited, isQuoted: isQuoted || node.type === "blockquote" };
  });
}

function findHead(response: string, paragraph: MarkdownNode): Span | undefined {
  const span = spanOf(paragraph);
  return /:[*_\s]*$/.test(response.slice(Math.max(span.start, span.end - LINE_HEAD_CHARS), span.end))
    ? span
    : undefined;
}

function spanOf({ position }: MarkdownNode): Span {
  return { start: position?.start.offset ?? 0, end: position?.end.offset ?? 0 };
}

function toBlocks(response: string, kind: BlockKind, { node, head, isQuoted }: Pending): Block[] {
  const span = spanOf(node);
  const rows = kind === "table" ? listRows(node) : [];
  if (kind !== "prose") return [{ kind, ...span, head: undefined, isQuoted, rows }];
  return splitParagraph(response, span).map((part) => ({ ...part, head, isQuoted, rows }));
}

function listRows(table: MarkdownNode): Row[] {
  return (table.children ?? []).map((row) => ({ ...spanOf(row), cells: (row.children ?? []).map(spanOf) }));
}

type Part = Span & { readonly kind: BlockKind };

/** A paragraph may hold rows of no valid table, link definitions, or lines that a bullet sign of no markup sets apart. */
function splitParagraph(response: string, { start, end }: Span): Part[] {
  const blocks: Part[] = [];
  for (let at = start; at < end;) {
    const newline = response.indexOf("\n", at);
    const lineEnd = newline < 0 || newline >= end ? end : newline;
    const kind = classifyLine(response.slice(at, Math.min(lineEnd, at + LINE_HEAD_CHARS)));
    const last = blocks.at(-1);
    if (last?.kind === kind.kind && !kind.isApart) blocks[blocks.length - 1] = { ...last, end: lineEnd };
    else blocks.push({ kind: kind.kind, start: at, end: lineEnd });
    at = lineEnd + 1;
  }
  return blocks;
}

const LINE_HEAD_CHARS = 200;

function classifyLine(head: string): { kind: BlockKind; isApart: boolean } {
  if (/^[\s>]{0,20}\|/.test(head)) return { kind: "table", isApart: false };
  if (/^[\s>]{0,20}\[[^\]]{1,100}\]:/.test(head)) return { kind: "definition", isApart: true };
  return { kind: "prose", isApart: /^\s{0,20}[•◦▪‣·]/.test(head) };
}
