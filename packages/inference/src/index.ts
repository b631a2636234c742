/** Truth inference: labels or attestations -> verdict with confidence. */
export * from "./models/dawid-skene.ts";
export * from "./models/ebcc.ts";
export * from "./models/glad.ts";
export type { Inference, ModelOptions } from "./models/inference.ts";
export * from "./models/mace.ts";
export * from "./models/one-coin.ts";
export * from "./peer-prediction/correlated-agreement.ts";
export * from "./stake-weighted.ts";
export { createLabelTable, createLabelTableFromColumns } from "./table/label-table.ts";
export type { LabelColumns, TableOptions } from "./table/label-table.ts";
export type { Label, LabelRows, LabelTable } from "./table/types.ts";
export * from "./votes/weighted-vote.ts";
