/** Callers' quotas in this replica's memory. A caller is the address it calls from. */
import type { Result } from "@mira/primitives";
import { take, type Bucket, type Quota } from "../domain/quota.ts";
import type { Clock } from "../ports.ts";

export type Quotas = {
  /** Takes so many attestations from what the caller may ask for, or says when to come back. */
  readonly take: (peer: string, asked: number) => Result<unknown>;
};

/** Whoever has been silent longest is forgotten first, and starts anew with a full bucket. */
const CALLERS_MAX = 10_000;

export function createQuotas(quota: Quota, clock: Clock): Quotas {
  const buckets = new Map<string, Bucket>();
  return {
    take(peer, asked) {
      const caller = toCaller(peer);
      const taken = take(buckets.get(caller), { asked, quota, now: clock.now() });
      if (!taken.ok) return taken;
      buckets.delete(caller);
      buckets.set(caller, taken.value);
      const oldest = buckets.keys().next();
      if (buckets.size > CALLERS_MAX && oldest.done !== true) buckets.delete(oldest.value);
      return taken;
    },
  };
}

/** `ipv4:127.0.0.1:4711` and `127.0.0.1:4711` without the port, which is another for each connection. */
function toCaller(peer: string): string {
  return peer.replace(/:\d+$/, "");
}
