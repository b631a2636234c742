/** Merkle trees (RFC 6962), signed notes, checkpoints and tiles (C2SP). */
export { decodeBase64, encodeBase64 } from "./base64.ts";
export * from "./check-log.ts";
export * from "./checkpoint.ts";
export { CompactRange } from "./compact-range.ts";
export { EMPTY_ROOT, HASH_BYTES, hashChildren, hashLeaf } from "./hashing.ts";
export * from "./log-tree.ts";
export * from "./note.ts";
export * from "./packed.ts";
export type { TreeNode } from "./ranges.ts";
export * from "./tiles.ts";
export * from "./tree.ts";
export { createVerifierKey, formatVerifierKey, parseVerifierKey, type VerifierKey } from "./verifier-key.ts";
export * from "./verify.ts";
