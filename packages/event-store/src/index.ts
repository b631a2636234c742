/** Append at expected version with the outbox, gap-safe reads, cursors, leases. On PostgreSQL. */
export type { BatchResult } from "./append-result.ts";
export { encodeBoolArray, encodeByteaArray, encodeInt8Array, encodeTextArray } from "./binary-arrays.ts";
export type { CursorEffect } from "./cursors.ts";
export { openEventStore, type EventStore, type EventStoreOptions } from "./event-store.ts";
export { checkGoldenVectors, type GoldenVector, type GoldenVectorInput } from "./golden-vectors.ts";
export { acquireLease, type Lease, type LeaseRequest } from "./lease.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export type * from "./model.ts";
export { isLastPage, type ReadAllOptions, type ReadStreamOptions } from "./read.ts";
export type { Stall } from "./stall.ts";
export { composeUpcasters, type Upcast, type Upcaster } from "./upcasters.ts";
export {
  createRepository,
  type Change,
  type EncodedEvent,
  type Repository,
  type RepositoryOptions,
} from "./repository.ts";
