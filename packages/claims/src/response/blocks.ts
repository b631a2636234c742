/** Response -> blocks, each a run of text that no sentence crosses, with its place in the response. */
import { fromMarkdown } from "mdast-util-from-markdown";

export type BlockKind = "prose" | "heading" | "code" | "table" | "definition";
export type Block = { readonly kind: BlockKind; readonly start: number; readonly end: number };

/** Deeper quotation and list nesting is read as text. The parser's time grows with the square of the depth. */
const NESTING_MAX = 8;

/** Blocks in order of the response. All text but markers of lists, quotes and rules lies in exactly one of them. */
export function splitBlocks(response: string): Block[] {
  const blocks: Block[] = [];
  const pending: MarkdownNode[] = [fromMarkdown(neutraliseInline(response))];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const kind = BLOCK_KINDS[node.type];
    if (kind === undefined) pending.push(...(node.children ?? []).toReversed());
    else blocks.push(...toBlocks(response, kind, node));
  }
  return blocks;
}

type MarkdownNode = {
  readonly type: string;
  readonly children?: readonly MarkdownNode[] | undefined;
  readonly position?: { readonly start: Place; readonly end: Place } | undefined;
};
type Place = { readonly offset?: number | undefined };

const BLOCK_KINDS: Readonly<Record<string, BlockKind | undefined>> = {
  paragraph: "prose",
  heading: "heading",
  code: "code",
  html: "code",
  definition: "definition",
};

function toBlocks(response: string, kind: BlockKind, node: MarkdownNode): Block[] {
  const [start, end] = [node.position?.start.offset ?? 0, node.position?.end.offset ?? 0];
  if (kind !== "prose") return [{ kind, start, end }];
  return splitParagraph(response, start, end);
}

/** A paragraph may hold table rows, link definitions, or lines that a bullet sign of no markup sets apart. */
function splitParagraph(response: string, start: number, end: number): Block[] {
  const blocks: Block[] = [];
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

/**
 * The same text, same length, with every inline construct taken out: only its blocks are wanted from the parser, and its inline
 * part needs minutes for 100 KB of brackets or asterisks.
 */
function neutraliseInline(response: string): string {
  return response
    .split("\n")
    .map((line) => {
      const head = findLineHead(line);
      return (
        line.slice(0, head) +
        line.slice(head).replaceAll(/[^\p{L}\p{M}\p{N}\s]/gu, (mark) => "x".repeat(mark.length))
      );
    })
    .join("\n");
}

/** End of what decides the kind of block: containers, then a heading mark, a fence or a rule. */
function findLineHead(line: string): number {
  let at = 0;
  for (let depth = 0; depth < NESTING_MAX; depth++) {
    const container = /^[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t]|\r?$))/.exec(
      line.slice(at, at + LINE_HEAD_CHARS),
    );
    if (container === null) break;
    at += container[0].length;
  }
  const leaf = /^[ \t]*(?:#{1,6}(?=[ \t]|\r?$)|`{3,}(?!.*`)|~{3,}|(?:=+|-+)[ \t]*\r?$)/.exec(line.slice(at));
  return at + (leaf?.[0].length ?? 0);
}
