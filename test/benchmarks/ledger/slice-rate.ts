/** Transactions per second of one slice at saturation, its ramp left out. */
import type { Reached, Sent } from "./stage-latencies.ts";

export type Slice = {
  readonly sent: readonly Sent[];
  /** One above the highest sequence number of the slice. */
  readonly endSequence: number;
  readonly startedAt: number;
};

/** Share of a slice's transactions that may settle before its clock starts. */
const RAMP = 0.2;

/**
 * Over the last four fifths: from when the first fifth had settled until all had reached the stage, `waitMs` of which it had to wait in any
 * case. So a stage that falls behind settling is charged for all of its backlog. Not a number when the slice did not get there.
 */
export function computeRate(
  { sent, endSequence, startedAt }: Slice,
  settled: readonly Reached[],
  reached: readonly Reached[] = settled,
  waitMs = 0,
): number {
  const total = sent.reduce((sum, { count }) => sum + count, 0);
  const first = settled.find(({ upTo }) => upTo >= endSequence - total * (1 - RAMP));
  const last = reached.find(({ upTo }) => upTo >= endSequence);
  if (first === undefined || last === undefined) return Number.NaN;
  // A slice so short that one word covered all of it has no ramp to leave out.
  if (first.upTo >= endSequence) return (total / (last.at - waitMs - startedAt)) * 1000;
  return ((endSequence - first.upTo) / (last.at - waitMs - first.at)) * 1000;
}
