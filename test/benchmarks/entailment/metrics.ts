/** How good probabilities are: ranking, calibration, and how much can be said at a given precision. */
export type Scored = {
  readonly probability: number;
  readonly isSupported: boolean;
  /** What is decided: supported, or not. */
  readonly isCalled: boolean;
};

/** Mean of the shares of supported and of other rows that were called right. */
export function computeBalancedAccuracy(rows: readonly Scored[]): number {
  const share = (isSupported: boolean): number => {
    const these = rows.filter((row) => row.isSupported === isSupported);
    return these.filter(({ isCalled }) => isCalled === isSupported).length / these.length;
  };
  return (share(true) + share(false)) / 2;
}

export function computePrecisionRecall(rows: readonly Scored[]): { precision: number; recall: number } {
  const hits = rows.filter(({ isSupported, isCalled }) => isSupported && isCalled).length;
  const called = rows.filter(({ isCalled }) => isCalled).length;
  const supported = rows.filter(({ isSupported }) => isSupported).length;
  return { precision: hits / called, recall: hits / supported };
}

/** Chance that a supported row is above another one, ties counting half. */
export function computeAuroc(rows: readonly Scored[]): number {
  const sorted = [...rows].sort((one, other) => one.probability - other.probability);
  let [ranks, at] = [0, 0];
  while (at < sorted.length) {
    let end = at;
    while (end < sorted.length && sorted[end]?.probability === sorted[at]?.probability) end++;
    for (let place = at; place < end; place++)
      if (sorted[place]?.isSupported === true) ranks += (at + end + 1) / 2;
    at = end;
  }
  const supported = rows.filter(({ isSupported }) => isSupported).length;
  return (ranks - (supported * (supported + 1)) / 2) / (supported * (rows.length - supported));
}

export function computeBrier(rows: readonly Scored[]): number {
  return average(rows.map(({ probability, isSupported }) => (probability - (isSupported ? 1 : 0)) ** 2));
}

const BINS = 10;

/** Expected calibration error over ten bins of equal numbers of rows. */
export function computeCalibrationError(rows: readonly Scored[]): number {
  const sorted = [...rows].sort((one, other) => one.probability - other.probability);
  let error = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const part = sorted.slice(
      Math.floor((bin * sorted.length) / BINS),
      Math.floor(((bin + 1) * sorted.length) / BINS),
    );
    if (part.length === 0) continue;
    const gap =
      average(part.map(({ probability }) => probability)) -
      average(part.map(({ isSupported }) => (isSupported ? 1 : 0)));
    error += (Math.abs(gap) * part.length) / sorted.length;
  }
  return error;
}

/** Largest share of rows, the surest first, of which at least `precision` are right. Surest: furthest from one half. */
export function computeCoverage(rows: readonly Scored[], precision: number): number {
  const sorted = rows
    .map(({ probability, isSupported }) => ({
      sureness: Math.abs(probability - 0.5),
      isRight: probability >= 0.5 === isSupported,
    }))
    .sort((one, other) => other.sureness - one.sureness);
  let [right, best] = [0, 0];
  for (const [at, { isRight }] of sorted.entries()) {
    if (isRight) right++;
    if (right >= precision * (at + 1)) best = at + 1;
  }
  return best / rows.length;
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
