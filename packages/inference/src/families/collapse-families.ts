/** Many validators that are one voice -> one validator in the table: what a family says counts once, however many members it has. */
import { invariant } from "../invariant.ts";
import { buildTable } from "../table/build-table.ts";
import type { LabelTable } from "../table/types.ts";

/**
 * `family` numbers the family of each validator, in the table's order; families are named after their first member. Members that
 * disagree on an item share the family's one label there, as one validator's repeated labels do.
 */
export function collapseFamilies(table: LabelTable, family: Int32Array): LabelTable {
  invariant(
    family.length === table.validators.length,
    () => `families: needed ${table.validators.length} numbers, got ${family.length}`,
  );
  const { codes, names } = nameFamilies(table, family);
  const { start, other, label, weight } = table.byItem;
  const item = new Int32Array(other.length);
  for (let row = 0; row < table.items.length; row++) item.fill(row, start[row] ?? 0, start[row + 1] ?? 0);
  return buildTable({
    items: table.items,
    validators: names,
    classes: table.classes,
    item,
    validator: other.map((validator) => codes[validator] ?? 0),
    label,
    confidence: weight,
  });
}

/** Dense codes in order of the first member. */
export function nameFamilies(
  { validators }: LabelTable,
  family: Int32Array,
): { codes: Int32Array; names: string[] } {
  const seen = new Map<number, number>();
  const names: string[] = [];
  const codes = family.map((number, validator) => {
    const known = seen.get(number);
    if (known !== undefined) return known;
    seen.set(number, names.length);
    names.push(validators[validator] ?? "");
    return names.length - 1;
  });
  return { codes, names };
}
