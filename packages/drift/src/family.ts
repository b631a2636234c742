/** Alarms over all validators at once: a network that watches a hundred must not cry wolf a hundred times as often. */
import { invariant } from "@mira/primitives";

/** Run length each of `validators` monitors needs, so that the network's mean observations to a false alarm is `arl0` of one validator's. */
export function computeFamilyArl0(arl0: number, validators: number): number {
  invariant(Number.isInteger(validators) && validators >= 1, `at least 1 validator, got ${validators}`);
  return arl0 * validators;
}

export type Suspect = {
  readonly validator: string;
  /** A sum of log-likelihood ratios, as the monitors keep, and the observations since it was last reset by an operator. */
  readonly sum: number;
  readonly observations: number;
};

/**
 * The validators to look at, such that of all that are ever listed at one look a share of at most `rate` is innocent in expectation: the
 * e-value form of Benjamini and Hochberg (Wang and Ramdas 2022), which holds whatever the dependence between validators that answer the
 * same claims. e^sum / n is an e-value: it stays below the Shiryaev-Roberts sum over n, whose mean in control is 1. In order of evidence.
 */
export function selectSuspects(suspects: readonly Suspect[], rate: number): readonly Suspect[] {
  invariant(rate > 0 && rate < 1, `a rate lies in (0, 1), got ${rate}`);
  const evidence = (suspect: Suspect) => suspect.sum - Math.log(Math.max(1, suspect.observations));
  const ordered = suspects.toSorted(
    (left, right) => evidence(right) - evidence(left) || (left.validator < right.validator ? -1 : 1),
  );
  const needed = (rank: number) => Math.log(suspects.length / (rate * rank));
  const count = ordered.findLastIndex((suspect, at) => evidence(suspect) >= needed(at + 1)) + 1;
  return ordered.slice(0, count);
}

/** p-values of one look, Benjamini and Hochberg (1995): for independent or positively dependent tests. Returns what is rejected, as given. */
export function rejectByFdr(pValues: readonly number[], rate: number): readonly boolean[] {
  const ordered = pValues.toSorted((left, right) => left - right);
  const last = ordered.findLastIndex((value, at) => value <= (rate * (at + 1)) / pValues.length);
  const threshold = last < 0 ? -1 : (ordered[last] ?? -1);
  return pValues.map((value) => value <= threshold);
}
