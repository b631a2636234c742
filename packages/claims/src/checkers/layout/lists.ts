/** Lists of a response: their items with places, and whether items have lists of their own. */
import { listLines } from "./lines.ts";
import { rememberLast } from "./remember.ts";

export type List = {
  readonly items: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly isNested: boolean;
};

const ITEM = /^([ \t]{0,12})(?:[-*+•]|\d{1,4}[.)])[ \t]+(\S.{0,2000})$/;

export const listLists = rememberLast(readLists);

function readLists(response: string): readonly List[] {
  const lists: List[] = [];
  let open: { items: string[]; start: number; end: number; isNested: boolean; indent: number } | undefined;
  const close = (): void => {
    if (open !== undefined) lists.push(open);
    open = undefined;
  };
  for (const { text, start, end } of listLines(response)) {
    const [, spaces, item] = ITEM.exec(text) ?? [];
    if (item !== undefined && spaces !== undefined) {
      const indent = spaces.replaceAll("\t", "    ").length;
      open ??= { items: [], start, end, isNested: false, indent };
      if (indent > open.indent + 1) open.isNested = true;
      else open.items.push(item);
      open.end = end;
    } else if (text.trim() !== "") {
      // An indented line goes on with the item before it.
      if (open === undefined || !/^(?: {2,}|\t)/.test(text)) close();
      else open.end = end;
    }
  }
  close();
  return lists;
}
