/** How much one caller may ask for: a bucket of attestations that fills at a steady rate. */
import { refuse, succeed, type Result, type UnixMs } from "@mira/primitives";

export type Quota = {
  /** Attestations that may be asked for at once. */
  readonly burst: number;
  readonly perMinute: number;
};

export type Bucket = { readonly left: number; readonly at: UnixMs };

const MINUTE_MS = 60_000;

/** The bucket after so many more; refused with the time until they would fit. More than the burst never fits. */
export function take(
  bucket: Bucket | undefined,
  { asked, quota, now }: { readonly asked: number; readonly quota: Quota; readonly now: UnixMs },
): Result<Bucket, "QUOTA_EXCEEDED" | "RESPONSE_TOO_LARGE"> {
  const { burst, perMinute } = quota;
  const elapsed = Math.max(0, now - (bucket?.at ?? now));
  const left = Math.min(burst, (bucket?.left ?? burst) + (elapsed * perMinute) / MINUTE_MS);
  if (asked > burst)
    return refuse("RESPONSE_TOO_LARGE", "checking the response takes more attestations than a quota holds", {
      neededMax: burst,
      got: asked,
    });
  if (asked <= left) return succeed({ left: left - asked, at: now });
  return refuse("QUOTA_EXCEEDED", "the caller's quota of attestations is used up", {
    needed: asked,
    left: Math.floor(left),
    retryAfterMs: Math.ceil(((asked - left) * MINUTE_MS) / perMinute),
  });
}
