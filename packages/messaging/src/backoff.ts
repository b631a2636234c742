/** How long to wait before the n-th try: doubling, bounded, and spread so that many do not come back at once. */

export type Backoff = { readonly firstMs: number; readonly maxMs: number };

const SPREAD = 0.25;

/** `attempt` counts from 1. */
export function computeBackoffMs({ firstMs, maxMs }: Backoff, attempt: number, random = Math.random): number {
  const doubled = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(doubled * (1 - SPREAD * random()));
}
