/** Committees: drawn by stake, capped by operator and family, provable to anyone. */
export * from "./draw.ts";
export * from "./proof.ts";
export * from "./terms.ts";
