/** Labels -> the one canonical table every method reads: sorted, by item and by validator, in typed arrays. */
import { invariant } from "../invariant.ts";
import { buildTable } from "./build-table.ts";
import { encodeNames } from "./encode-names.ts";
import type { Label, LabelTable } from "./types.ts";

export type TableOptions = {
  /** All classes there are. Absent: those that were said. */
  readonly classes?: readonly string[];
  /** Items that must be in the table even when nobody labelled them. */
  readonly items?: readonly string[];
};

/**
 * Builds the canonical table: names sorted, labels sorted by item, validator and class, so that any order of input gives the same
 * bytes in every method after it. Memory is 32 bytes a label, beside the names.
 */
export function createLabelTable(labels: readonly Label[], options: TableOptions = {}): LabelTable {
  const items = encodeNames(labels, ({ item }) => item, options.items);
  const validators = encodeNames(labels, ({ validator }) => validator);
  const classes = encodeNames(labels, ({ label }) => label ?? undefined, options.classes);
  invariant(
    options.classes === undefined || classes.names.length === new Set(options.classes).size,
    () => `labels: needed one of ${options.classes?.join(", ")}, got others`,
  );
  return buildTable({
    items: items.names,
    validators: validators.names,
    classes: classes.names,
    item: items.codes,
    validator: validators.codes,
    label: classes.codes,
    confidence: readConfidence(labels),
  });
}

export type LabelColumns = {
  readonly items: readonly string[];
  readonly validators: readonly string[];
  readonly classes: readonly string[];
  /** Index into `items`, one a label; `validator` and `label` alike. A label of -1 is an abstention. */
  readonly item: Int32Array;
  readonly validator: Int32Array;
  readonly label: Int32Array;
  readonly confidence?: Float64Array;
};

/** The same from columns of codes, without a look-up per label. The names' order is taken as it is, and must be the caller's canon. */
export function createLabelTableFromColumns(columns: LabelColumns): LabelTable {
  return buildTable({ ...columns, confidence: columns.confidence });
}

function readConfidence(labels: readonly Label[]): Float64Array | undefined {
  if (!labels.some(({ confidence }) => confidence !== undefined)) return undefined;
  return Float64Array.from(labels, ({ confidence }) => confidence ?? 1);
}
