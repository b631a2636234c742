/** Quotas: full at first, refused with the time to come back, and never more than was allowed. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { parseUnixMs } from "@mira/primitives";
import fc from "fast-check";
import { take, type Bucket } from "./quota.ts";

const quota = { burst: 100, perMinute: 60 };
const now = parseUnixMs(1_800_000_000_000);

test("whoever comes back after the time that was told is served, and not a millisecond before", () => {
  const first = take(undefined, { asked: 90, quota, now });
  assert.ok(first.ok);
  const refused = take(first.value, { asked: 40, quota, now });
  assert.ok(!refused.ok);
  assert.equal(refused.code, "QUOTA_EXCEEDED");
  const wait = Number(refused.details["retryAfterMs"]);
  assert.equal(wait, 30_000);
  assert.ok(!take(first.value, { asked: 40, quota, now: parseUnixMs(now + wait - 1) }).ok);
  assert.ok(take(first.value, { asked: 40, quota, now: parseUnixMs(now + wait) }).ok);
});

test("what never fits is not told to come back", () => {
  const refused = take(undefined, { asked: 101, quota, now });
  assert.ok(!refused.ok);
  assert.equal(refused.code, "RESPONSE_TOO_LARGE");
});

test("over any span nobody gets more than the burst and what flowed in", () => {
  const call = fc.record({ asked: fc.integer({ min: 1, max: 100 }), waitMs: fc.nat(20_000) });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
      let bucket: Bucket | undefined;
      let at = now;
      let served = 0;
      for (const { asked, waitMs } of calls) {
        at = parseUnixMs(at + waitMs);
        const taken = take(bucket, { asked, quota, now: at });
        if (!taken.ok) continue;
        bucket = taken.value;
        served += asked;
      }
      assert.ok(served <= quota.burst + ((at - now) * quota.perMinute) / 60_000 + 1e-6);
    }),
  );
});
