/** Truth inference: attestations -> verdict with confidence. */
export * from "./stake-weighted.ts";
