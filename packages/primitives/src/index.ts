/** Pure foundations that every other package stands on. */
export * from "./attestation.ts";
export * from "./audit-entry.ts";
export * from "./brand.ts";
export * from "./bytes.ts";
export * from "./canonical.ts";
export * from "./decider.ts";
export * from "./delay.ts";
export * from "./ed25519.ts";
export * from "./hash.ts";
export * from "./intent.ts";
export * from "./invariant.ts";
export { CONFIDENCE_BASES, type ConfidenceBasis, type ModelRun } from "./model-run.ts";
export * from "./quantities.ts";
export * from "./reexecution-answer.ts";
export * from "./refusal-codes.ts";
export * from "./refusal.ts";
export * from "./session-grant.ts";
export * from "./stake-intents.ts";
