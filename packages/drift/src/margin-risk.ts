/** Risk by consensus margin: how often this validator departs from a consensus that wide. Learnt on-line, always before it is used. */

/** Plain data: claims and departures seen, per bucket of the margin. */
export type MarginRisk = { readonly claims: readonly number[]; readonly departures: readonly number[] };

/** Ten buckets: with a few hundred claims of history each holds enough to go by. */
const BUCKETS = 10;
/** Claims' worth of belief in `PRIOR`, which says that departures fall off in a straight line with the margin. */
const PRIOR_CLAIMS = 10;
const priorRisk = (bucket: number): number => 0.9 - (0.85 * (bucket + 0.5)) / BUCKETS;

export const MARGIN_RISK_START: MarginRisk = Object.freeze({
  claims: Object.freeze(new Array<number>(BUCKETS).fill(0)),
  departures: Object.freeze(new Array<number>(BUCKETS).fill(0)),
});

/** Probability of departing from a consensus whose first answer leads the second by `margin`, in 0..1 of the weight cast. */
export function predictRisk(risk: MarginRisk, margin: number): number {
  const bucket = toBucket(margin);
  const departures = (risk.departures[bucket] ?? 0) + PRIOR_CLAIMS * priorRisk(bucket);
  return departures / ((risk.claims[bucket] ?? 0) + PRIOR_CLAIMS);
}

/** A caller MUST predict first and learn afterwards: the other order looks ahead. */
export function learnRisk(risk: MarginRisk, margin: number, hasDeparted: boolean): MarginRisk {
  const bucket = toBucket(margin);
  return {
    claims: risk.claims.with(bucket, (risk.claims[bucket] ?? 0) + 1),
    departures: risk.departures.with(bucket, (risk.departures[bucket] ?? 0) + (hasDeparted ? 1 : 0)),
  };
}

function toBucket(margin: number): number {
  return Math.min(BUCKETS - 1, Math.max(0, Math.floor(margin * BUCKETS)));
}
