/** Reads a wide file of votes: one column per model, one row per item, with the item's truth and category beside it. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export type Item = {
  readonly id: string;
  readonly category: string;
  readonly options: number;
  /** By model; absent where the model gave no answer. */
  readonly votes: ReadonlyArray<number | undefined>;
  readonly truth: number;
};
export type Panel = { readonly models: readonly string[]; readonly items: readonly Item[] };

const VOTES = "votes_wide.csv";
/** Where a file has no categories, neighbours by id stand in for one: items of a category follow each other. */
const BLOCK_ITEMS = 500;

/** The first folder at or under `directory` that holds wide votes. */
export async function readPanel(directory: string): Promise<Panel | undefined> {
  const folders = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const candidates = [
    directory,
    ...folders.filter((it) => it.isDirectory()).map((it) => join(directory, it.name)),
  ];
  for (const folder of candidates.toSorted()) {
    const [votes, truth] = await Promise.all([
      readTable(join(folder, VOTES)),
      readTable(join(folder, "truth.csv")),
    ]);
    if (votes !== undefined && truth !== undefined) return toPanel(votes, truth);
  }
  return undefined;
}

type Table = { readonly header: readonly string[]; readonly rows: ReadonlyArray<readonly string[]> };

async function readTable(path: string): Promise<Table | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const [header = [], ...rows] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(","));
  return { header, rows };
}

const NOT_MODELS = new Set(["question_id", "item", "category", "n_options"]);

function toPanel(votes: Table, truth: Table): Panel {
  const truths = new Map(truth.rows.map((cells) => [cells[0], Number(cells[truth.header.indexOf("truth")])]));
  const columns = [...votes.header.keys()].filter((at) => !NOT_MODELS.has(votes.header[at] ?? ""));
  const [category, options] = [votes.header.indexOf("category"), votes.header.indexOf("n_options")];
  const items = votes.rows.flatMap((cells, at): Item[] => {
    const known = truths.get(cells[0]);
    if (known === undefined) return [];
    return [
      {
        id: cells[0] ?? "",
        category: cells[category] ?? `block ${Math.floor(at / BLOCK_ITEMS)}`,
        options: Number(cells[options] ?? 10),
        votes: columns.map((column) => (cells[column] ? Number(cells[column]) : undefined)),
        truth: known,
      },
    ];
  });
  return { models: columns.map((column) => votes.header[column] ?? ""), items };
}
