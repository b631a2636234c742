/** Sequential change detection: charts with exact run lengths, tests with fixed errors, and one monitor per validator. */
export type { ClaimAnswers, PeerAnswer } from "./answers.ts";
export * from "./bernoulli-cusum.ts";
export * from "./ewma.ts";
export * from "./family.ts";
export * from "./gold.ts";
export * from "./margin-risk.ts";
export * from "./monitor-plan.ts";
export * from "./monitor.ts";
export * from "./risk-adjusted-cusum.ts";
export * from "./sprt.ts";
