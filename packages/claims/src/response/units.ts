/** Blocks -> the pieces of a response that are accounted for: sentences, and rows of tables. */
import { splitBlocks, type Block, type Row } from "./blocks.ts";
import { splitSentences, type Span } from "./sentences.ts";

export type Unit = Span & {
  readonly kind: Block["kind"];
  readonly head: Span | undefined;
  readonly isQuoted: boolean;
  /** The row, and the one that names its columns. */
  readonly row: { readonly columns: Row; readonly cells: Row } | undefined;
};

/** In order of the response, without overlap; between them lie white space and marks alone. */
export function listUnits(response: string): Unit[] {
  const heads = new Map<number, Span | undefined>();
  return splitBlocks(response).flatMap((block) => {
    const { kind, isQuoted } = block;
    const head = findHeadSentence(response, block.head, heads);
    if (kind === "table") return listRowUnits(block);
    const spans = kind === "prose" ? splitSentences(response, block) : [block];
    return spans.map(({ start, end }) => ({
      start,
      end,
      kind,
      isQuoted,
      head,
      row: undefined,
    }));
  });
}

function listRowUnits({ start, end, rows, isQuoted }: Block): Unit[] {
  const base = { kind: "table", head: undefined, isQuoted } as const;
  const [columns, first, ...more] = rows;
  if (columns === undefined || first === undefined) return [{ ...base, start, end, row: undefined }];
  const body = [first, ...more].map((cells) => ({
    ...base,
    start: cells.start,
    end: cells.end,
    row: { columns, cells },
  }));
  return [{ ...base, start, end: columns.end, row: undefined }, ...body];
}

/** The last sentence of the paragraph before a list, looked up once for all items. */
function findHeadSentence(
  response: string,
  head: Span | undefined,
  known: Map<number, Span | undefined>,
): Span | undefined {
  if (head === undefined) return undefined;
  if (!known.has(head.start)) known.set(head.start, splitSentences(response, head).at(-1));
  return known.get(head.start);
}
