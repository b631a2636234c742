/** Run lengths of seven Bernoulli CUSUMs, to five digits, computed independently; beside what the package computes and designs. */
import { computeBernoulliArl, designBernoulliCusum } from "@mira/drift";

type Row = {
  readonly p0: number;
  readonly p1: number;
  readonly m: number;
  readonly limit: number;
  /** [error rate, mean observations to an alarm]; the first is in control. */
  readonly lengths: ReadonlyArray<readonly [errorRate: number, mean: number]>;
};

const row = (p0: number, p1: number, m: number, limit: number, ...lengths: Row["lengths"]): Row => ({
  p0,
  p1,
  m,
  limit,
  lengths,
});

const TABLE: readonly Row[] = [
  row(0.05, 0.1, 14, 54, [0.05, 1060], [0.1, 103.7], [0.15, 47.1], [0.2, 30.3], [0.3, 17.8], [0.5, 10.0]),
  row(0.05, 0.1, 14, 82, [0.05, 5235], [0.1, 172.3], [0.15, 72.5], [0.2, 45.9], [0.3, 26.5]),
  row(0.1, 0.2, 7, 31, [0.1, 1044], [0.15, 152.4], [0.2, 63.1], [0.3, 27.5], [0.5, 12.9]),
  row(0.1, 0.2, 7, 45, [0.1, 5393], [0.15, 287.4], [0.2, 97.8], [0.3, 40.2], [0.5, 18.5]),
  row(0.1, 0.3, 5, 16, [0.1, 1252], [0.2, 76.8], [0.3, 26.6], [0.5, 10.8]),
  row(0.2, 0.35, 4, 24, [0.2, 1060], [0.3, 88.5], [0.35, 53.1], [0.5, 23.6]),
  row(0.2, 0.35, 4, 35, [0.2, 5516], [0.35, 80.5], [0.5, 34.6]),
];

export function compareExactTable() {
  const rows = TABLE.map(({ p0, p1, m, limit, lengths }) => {
    const compared = lengths.map(([errorRate, expected]) => {
      const computed = computeBernoulliArl({ m, limit }, errorRate);
      return { errorRate, expected, computed, error: Math.abs(computed / expected - 1) };
    });
    const designed = designBernoulliCusum({ p0, p1, arl0: (lengths[0]?.[1] ?? 0) < 5_000 ? 1_000 : 5_000 });
    return { p0, p1, m, limit, compared, isDesigned: designed.m === m && designed.limit === limit };
  });
  return {
    rows,
    worstError: Math.max(...rows.flatMap(({ compared }) => compared.map(({ error }) => error))),
  };
}
