/** Fenced code blocks of a response, and which of them a claim speaks about. */
import type { Claim } from "../../types.ts";
import { listLines, type Line } from "./lines.ts";
import { rememberLast } from "./remember.ts";

export type CodeBlock = {
  /** First word after the fence, lower case; "" where there is none. */
  readonly language: string;
  readonly code: string;
  /** Place of the code, fences left out. */
  readonly start: number;
  readonly end: number;
};

const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([\w+#.-]{0,30})/;

/** Blocks that are closed. A fence that never ends says nothing of what it holds. */
const listCodeBlocks = rememberLast(readCodeBlocks);

function readCodeBlocks(response: string): readonly CodeBlock[] {
  const lines = listLines(response);
  const blocks: CodeBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, fence, language = ""] = FENCE.exec(lines[at]?.text ?? "") ?? [];
    if (fence === undefined) continue;
    const close = findClosing(lines, at + 1, fence);
    if (close === undefined) break;
    const [start, end] = [lines[at + 1]?.start ?? 0, lines[close]?.start ?? 0];
    blocks.push({ language: language.toLowerCase(), code: response.slice(start, end), start, end });
    at = close;
  }
  return blocks;
}

function findClosing(lines: readonly Line[], from: number, fence: string): number | undefined {
  for (let at = from; at < lines.length; at++) {
    const line = lines[at];
    if (line !== undefined && isClosing(line, fence)) return at;
  }
  return undefined;
}

function isClosing({ text }: Line, fence: string): boolean {
  const trimmed = text.trim();
  return trimmed.length >= fence.length && trimmed.startsWith(fence) && !/[^`~]/.test(trimmed);
}

/** "The code below", "the JSON above", or the only block there is. Undefined where more than one could be meant. */
export function findMeantBlock(
  claim: Claim,
  response: string,
  isMeant: (block: CodeBlock) => boolean = () => true,
): CodeBlock | undefined {
  const blocks = listCodeBlocks(response).filter(isMeant);
  const [before, after] = [
    blocks.filter(({ end }) => end <= claim.start),
    blocks.filter(({ start }) => start >= claim.end),
  ];
  const [isAbove, isBelow] = [
    /\b(?:above|previous|preceding)\b/i.test(claim.text),
    /\b(?:below|following|next)\b|:\s*$/i.test(claim.text),
  ];
  if (isAbove && isBelow) return undefined;
  if (isAbove) return before.at(-1);
  if (isBelow) return after[0];
  return blocks.length === 1 ? blocks[0] : undefined;
}
