/**
 * Finds and reads sets of labels. A set is a folder with `truth.csv` (`item`, `truth`, optionally `subset`) and votes: `label.csv`
 * (`item,worker,label`) or `votes_wide.csv` (an item column, then a column for each validator). Wide votes also give sets of claims.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createLabelTable, findProbes, type Label, type LabelTable } from "@mira/inference";
import { createClaimSet } from "./claim-set.ts";
import { parseCsv, type CsvRow } from "./csv.ts";

export type TruthSet = {
  readonly name: string;
  readonly kind: "labels" | "wide" | "claims";
  readonly table: LabelTable;
  /** Class of each item, -1 where the truth is not known. */
  readonly truth: Int32Array;
};

/** Columns of wide votes that describe the item. */
const DESCRIPTIONS = new Set(["item", "question_id", "id", "category", "subset", "n_options", "truth"]);
/** Generators whose claims are checked when none are named: a weak and a strong one of a family, where there. */
const GENERATORS = ["Meta-Llama-3_1-8B-Instruct", "Meta-Llama-3_1-70B-Instruct"];

export async function readSets(folder: string, generators: string | undefined): Promise<TruthSet[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const sets: TruthSet[] = [];
  for (const name of names.sort()) sets.push(...(await readSet(join(folder, name), name, generators)));
  return sets;
}

async function readSet(folder: string, name: string, generators: string | undefined): Promise<TruthSet[]> {
  const truthRows = await readCsv(join(folder, "truth.csv"));
  if (truthRows === undefined) return [];
  const truth = new Map(truthRows.map((row) => [row["item"] ?? "", row["truth"] ?? ""]));
  const sets: TruthSet[] = [];
  const labelRows = await readCsv(join(folder, "label.csv"));
  if (labelRows !== undefined) {
    const labels = labelRows.map((row) => ({
      item: row["item"] ?? "",
      validator: row["worker"] ?? row["validator"] ?? "",
      label: row["label"] === "" ? null : (row["label"] ?? null),
    }));
    sets.push(createSet(name, "labels", labels, truth), ...splitSubsets(name, labels, truthRows));
  }
  const wideRows = await readCsv(join(folder, "votes_wide.csv"));
  if (wideRows !== undefined) sets.push(...readWide({ name, rows: wideRows, truth, generators }));
  return sets;
}

function createSet(
  name: string,
  kind: TruthSet["kind"],
  labels: readonly Label[],
  truth: ReadonlyMap<string, string>,
): TruthSet {
  const said = labels.flatMap(({ label }) => (label === null || label === undefined ? [] : [label]));
  const classes = [...new Set([...said, ...truth.values()])];
  const table = createLabelTable(labels, { classes });
  return { name, kind, table, truth: findProbes(table, truth) };
}

/** A panel may be right on one kind of item and wrong on another: each subset is a set of its own, too. */
function splitSubsets(name: string, labels: readonly Label[], truthRows: readonly CsvRow[]): TruthSet[] {
  const subsets = [...new Set(truthRows.flatMap((row) => row["subset"] ?? []))].sort();
  return subsets.length < 2
    ? []
    : subsets.map((subset) => {
        const rows = truthRows.filter((row) => row["subset"] === subset);
        const truth = new Map(rows.map((row) => [row["item"] ?? "", row["truth"] ?? ""]));
        const own = labels.filter(({ item }) => truth.has(item));
        return createSet(`${name}/${subset}`, "labels", own, truth);
      });
}

type Wide = {
  readonly name: string;
  readonly rows: readonly CsvRow[];
  readonly truth: ReadonlyMap<string, string>;
  readonly generators: string | undefined;
};

function readWide({ name, rows, truth, generators }: Wide): TruthSet[] {
  const columns = Object.keys(rows[0] ?? {});
  const itemColumn = columns[0] ?? "item";
  const validators = columns.slice(1).filter((column) => !DESCRIPTIONS.has(column));
  const labels = rows.flatMap((row) =>
    validators.map((validator) => ({
      item: row[itemColumn] ?? "",
      validator,
      label: row[validator] === "" ? null : (row[validator] ?? null),
    })),
  );
  const claims = chooseGenerators(validators, generators).map((generator) => {
    const set = createClaimSet({ labels, truth, generator });
    return { name: `${name}/claims:${generator}`, kind: "claims" as const, ...set };
  });
  return [createSet(name, "wide", labels, truth), ...claims];
}

function chooseGenerators(validators: readonly string[], wanted: string | undefined): readonly string[] {
  if (wanted === "all") return validators;
  const known = (wanted?.split(",") ?? GENERATORS).filter((name) => validators.includes(name));
  return known.length > 0 ? known : validators.slice(0, 2);
}

async function readCsv(file: string): Promise<CsvRow[] | undefined> {
  return readFile(file, "utf8").then(parseCsv, (error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`cannot read ${file}`, { cause: error });
  });
}
