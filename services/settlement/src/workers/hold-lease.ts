/** Leadership: waits for the lease, and renews it until the signal aborts. */
import { delay } from "@mira/primitives";

export type HeldLease = {
  readonly epoch: number;
  readonly renew: () => Promise<boolean>;
  readonly release: () => Promise<void>;
  readonly lost: AbortSignal;
};

/** Undefined when the signal aborts first. */
export async function waitForLease<Lease>(
  acquire: () => Promise<Lease | undefined>,
  pollMs: number,
  signal: AbortSignal,
): Promise<Lease | undefined> {
  while (!signal.aborted) {
    const lease = await acquire();
    if (lease !== undefined) return lease;
    await delay(pollMs, signal);
  }
  return undefined;
}

/** Resolves when the signal aborts; throws when the lease is lost. A failed renewal is tried again until the lease runs out. */
export async function renewLease(lease: HeldLease, everyMs: number, signal: AbortSignal): Promise<void> {
  const ends = AbortSignal.any([signal, lease.lost]);
  while (await delay(everyMs, ends)) await lease.renew().catch(() => false);
  if (lease.lost.aborted && !signal.aborted) throw lease.lost.reason;
}
