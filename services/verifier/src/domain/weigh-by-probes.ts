/** What a panel's attestations are worth by how its members did on probes: calibrated, or the answer that the panel is not to be trusted. */
import { aggregate, createLabelTable, findProbes, type Label } from "@mira/inference";
import { CanonicalWriter, encodeBase58, sha256, type ProbeTruth, type Verdict } from "@mira/primitives";

/** What one validator said of one claim of known truth. */
export type GoldAnswer = {
  readonly probeId: string;
  readonly validatorId: string;
  readonly verdict: ProbeTruth;
  readonly truth: ProbeTruth;
};

export type PanelAnswer = {
  readonly claimId: string;
  readonly validatorId: string;
  readonly verdict: Verdict;
};

export type ProbeWeighed = {
  readonly calibrationId: string;
  /** What the panel's probes say of it, in words. */
  readonly reason: string;
  readonly trusted: boolean;
  /** Log odds that a vote counts for, by validator. */
  readonly weights: ReadonlyMap<string, number>;
  /** By claim: the side with more behind it, and the calibrated probability that it is right. */
  readonly claims: ReadonlyMap<string, { readonly side: ProbeTruth; readonly confidence: number }>;
};

/** Fewer than this cannot show whether weights help: see packages/inference. */
const PROBES_MIN = 8;
const SIDES = ["refuted", "supported"] as const;

/** Undefined when too few probes were answered by this panel: then nothing is calibrated. */
export function weighByProbes(
  answers: readonly PanelAnswer[],
  gold: readonly GoldAnswer[],
): ProbeWeighed | undefined {
  const truths = new Map(gold.map(({ probeId, truth }) => [probeItem(probeId), truth]));
  if (truths.size < PROBES_MIN) return undefined;
  const labels: Label[] = [
    ...gold.map(({ probeId, validatorId, verdict }) => ({
      item: probeItem(probeId),
      validator: validatorId,
      label: verdict,
    })),
    ...answers.map(({ claimId, validatorId, verdict }) => ({
      item: claimItem(claimId),
      validator: validatorId,
      label: verdict === "unresolved" ? null : verdict,
    })),
  ];
  const items = [...new Set(answers.map(({ claimId }) => claimItem(claimId)))];
  const table = createLabelTable(labels, { classes: SIDES, items });
  const { posterior, trust, weights } = aggregate(table, {
    probes: findProbes(table, truths),
    confidenceMin: 0,
  });
  return {
    calibrationId: `probes@1:${digestGold(gold)}`,
    reason: trust.reason,
    trusted: trust.trusted,
    weights: new Map(
      weights?.families.map((validatorId, at) => [validatorId, weights.validators[at] ?? 0] as const) ?? [],
    ),
    claims: new Map(
      table.items.flatMap((item, at) => {
        if (!item.startsWith(CLAIM)) return [];
        const refuted = posterior[at * 2] ?? 0.5;
        const side = refuted > 0.5 ? ("refuted" as const) : ("supported" as const);
        return [[item.slice(CLAIM.length), { side, confidence: Math.max(refuted, 1 - refuted) }] as const];
      }),
    ),
  };
}

const CLAIM = "claim/";
const claimItem = (claimId: string): string => `${CLAIM}${claimId}`;
const probeItem = (probeId: string): string => `probe/${probeId}`;

/** Names what it was calibrated with: whoever has the same answers finds the same id. */
function digestGold(gold: readonly GoldAnswer[]): string {
  const rows = gold.map(({ probeId, validatorId, verdict, truth }) =>
    [probeId, validatorId, verdict, truth].join("\n"),
  );
  const writer = new CanonicalWriter().text("mira:calibration:v1").u32(rows.length);
  for (const row of rows.sort()) writer.text(row);
  return encodeBase58(sha256(writer.finish()));
}
