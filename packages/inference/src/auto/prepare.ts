/** What can be done before any probe is known, and once for all sets of them. */
import { collapseFamilies } from "../families/collapse-families.ts";
import { findCopies } from "../families/find-families.ts";
import { findPanel, type Panel } from "../probes/panel.ts";
import type { LabelTable } from "../table/types.ts";
import { computeVoteShares } from "../votes/weighted-vote.ts";
import { inferLabelFree, type LabelFree } from "./label-free.ts";

/** Items whose truth is known, and their classes. */
export type Probes = { readonly items: Int32Array; readonly truth: Int32Array };

/** What labels alone say. Deterministic: depends on the table only. */
export type Prepared = {
  readonly table: LabelTable;
  readonly panel: Panel | undefined;
  readonly labelFree: LabelFree;
  /** Shares of the votes, one for each family: what is left to say of a panel that no model may touch. */
  readonly vote: Float64Array;
};

export function prepare(table: LabelTable, families: Int32Array = findCopies(table)): Prepared {
  const alone = families.every((family, at) => family === at);
  const voices = alone ? table : collapseFamilies(table, families);
  return {
    table: voices,
    panel: findPanel(voices),
    labelFree: inferLabelFree(voices),
    vote: computeVoteShares(voices),
  };
}
