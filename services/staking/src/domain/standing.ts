/** What is known of how a validator works, and the one number made of it. */
import type { BaseUnits } from "@mira/primitives";

export type Standing = {
  readonly carelessFaults: number;
  readonly carelessUnits: BaseUnits;
  readonly agreed: number;
  readonly disagreed: number;
  readonly abstained: number;
  readonly probesPassed: number;
  readonly probesFailed: number;
  /** Empty: not watched yet. */
  readonly driftLevel: string;
};

/**
 * How many agreements with verdicts count as one probe passed. A probe shows what is true, an agreement what others think: judges'
 * agreement with the majority says little of their accuracy, and must not outweigh even a few probes.
 */
const AGREEMENTS_PER_PROBE = 4;
const BPS = 10_000;

/** 0..10,000: the mean of a Beta distribution that begins at one half. Nobody is slashed for it. */
export function computeScoreBps({
  agreed,
  disagreed,
  probesPassed,
  probesFailed,
}: Pick<Standing, "agreed" | "disagreed" | "probesPassed" | "probesFailed">): number {
  const good = probesPassed + agreed / AGREEMENTS_PER_PROBE;
  const bad = probesFailed + disagreed / AGREEMENTS_PER_PROBE;
  return Math.round(((1 + good) / (2 + good + bad)) * BPS);
}
