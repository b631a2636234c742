/** The figures that matter, from all rows: what `auto` does without probes on crowds, and with probes on panels and claims. */
import type { TruthRow } from "./measure-set.ts";
import type { SpeedRow } from "./speed.ts";

export function summarize(rows: readonly TruthRow[], speed: readonly SpeedRow[]): object {
  const auto = rows.filter(({ method }) => method === "auto");
  const alone = auto.filter(({ probes }) => probes === 0);
  const labelled = alone.filter(({ kind, set }) => kind === "labels" && !set.includes("/"));
  const crowds = labelled.filter(({ trusted }) => trusted === 1);
  return {
    benchmark: "truth",
    summary: true,
    without_probes: {
      crowds: crowds.map(({ set }) => set),
      mean_accuracy: mean(crowds.map(({ accuracy }) => accuracy)),
      mean_majority: mean(crowds.map(({ majority }) => majority)),
      worst_against_majority: worst(alone.map(({ accuracy, majority }) => accuracy - majority)),
      refused: alone
        .filter(({ trusted }) => trusted !== 1)
        .map(({ set, certified, reason }) => ({ set, certified, reason })),
    },
    with_probes: auto
      .filter(
        ({ probes, kind, set }) =>
          probes > 0 && (kind !== "labels" || !crowds.some((crowd) => crowd.set === set)),
      )
      .map(({ set, probes, accuracy, ece, coverage_at_90, certified, certified_precision }) => ({
        set,
        probes,
        accuracy,
        ece,
        coverage_at_90,
        certified,
        certified_precision,
      })),
    speed: summarizeSpeed(speed),
  };
}

function summarizeSpeed(speed: readonly SpeedRow[]): object {
  const compared = speed.filter(({ times_faster }) => times_faster !== null);
  const bytes = new Map(speed.map(({ labels, table_bytes_per_label }) => [labels, table_bytes_per_label]));
  return {
    peer: compared[0]?.peer ?? null,
    compared: compared.map(({ method, labels, times_faster, times_faster_from_names }) => ({
      method,
      labels,
      times_faster,
      times_faster_from_names,
    })),
    table_bytes_per_label: Object.fromEntries(bytes),
  };
}

function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return Number((values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(4));
}

function worst(values: readonly number[]): number | null {
  return values.length === 0 ? null : Number(Math.min(...values).toFixed(4));
}
