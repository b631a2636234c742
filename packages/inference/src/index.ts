/** Truth inference: labels or attestations -> verdicts with calibrated confidence. */
export {
  aggregate,
  findProbes,
  UNRESOLVED,
  type AggregateOptions,
  type Aggregation,
} from "./auto/aggregate.ts";
export { prepare, type Prepared } from "./auto/prepare.ts";
export { inferLabelFree, type LabelFree } from "./auto/label-free.ts";
export { measureStructure, type Structure } from "./auto/structure.ts";
export { judgeStructure, type Trust } from "./auto/trust.ts";
export * from "./calibration/isotonic.ts";
export * from "./calibration/platt.ts";
export * from "./calibration/scores.ts";
export { collapseFamilies } from "./families/collapse-families.ts";
export * from "./families/find-families.ts";
export { inferDawidSkene } from "./models/dawid-skene.ts";
export { inferEbcc, type EbccOptions } from "./models/ebcc.ts";
export { inferGlad } from "./models/glad.ts";
export type { Inference, ModelOptions } from "./models/inference.ts";
export { inferMace } from "./models/mace.ts";
export { inferOneCoin, type OneCoinOptions } from "./models/one-coin.ts";
export { scoreCorrelatedAgreement, type PeerScores } from "./peer-prediction/correlated-agreement.ts";
export { applyPanelWeights } from "./probes/apply-weights.ts";
export { findPanel, type Panel } from "./probes/panel.ts";
export { fitPanelWeights, type PanelFit, type PanelProbes, type PanelWeights } from "./probes/panel-model.ts";
export { inferProbeWeighted, type ProbeWeightedOptions } from "./probes/probe-weighted.ts";
export * from "./stake-weighted.ts";
export {
  createLabelTable,
  createLabelTableFromColumns,
  type LabelColumns,
  type TableOptions,
} from "./table/label-table.ts";
export type { Label, LabelRows, LabelTable } from "./table/types.ts";
export * from "./votes/weighted-vote.ts";
export { ClaimStream, type StreamOptions, type StreamVote } from "./streaming/claim-stream.ts";
