/** When a call is made again, and after how long. Pure but for the jitter that is handed in. */

export type RetryPolicy = {
  readonly attemptsMax: number;
  readonly baseMs: number;
  readonly waitMsMax: number;
};

export const RETRY_POLICY: RetryPolicy = { attemptsMax: 4, baseMs: 500, waitMsMax: 30_000 };

/** Too many requests, or the server's own trouble. Everything else that is no success is about the request: it would fail again. */
export function isRetryable(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

/**
 * How long to wait before attempt `attempt` + 1; undefined: not again. What the server asks for is honoured or, when it is
 * longer than `waitMsMax`, taken as a no. Otherwise full jitter over a doubling ceiling.
 */
export function computeWaitMs(
  attempt: number,
  retryAfter: string | null,
  policy: RetryPolicy,
  { random, nowMs }: { readonly random: number; readonly nowMs: number },
): number | undefined {
  if (attempt >= policy.attemptsMax) return undefined;
  const asked = parseRetryAfterMs(retryAfter, nowMs);
  if (asked !== undefined) return asked > policy.waitMsMax ? undefined : asked + random * policy.baseMs;
  return random * Math.min(policy.waitMsMax, policy.baseMs * 2 ** attempt);
}

/** Seconds or an HTTP date; anything else is as good as absent. */
function parseRetryAfterMs(text: string | null, nowMs: number): number | undefined {
  if (text === null) return undefined;
  if (/^\s*\d{1,9}(?:\.\d{1,3})?\s*$/.test(text)) return Number(text) * 1000;
  const at = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
