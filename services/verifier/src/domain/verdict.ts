/** The verdict on each claim from what was revealed and from the stake of everyone drawn for it. */
import { aggregateStakeWeighted } from "@mira/inference";
import { decodeAttestation, invariant, type Verdict } from "@mira/primitives";
import type { PolicyTerms } from "./policy.ts";
import { listCommittee, listPanel } from "./rounds.ts";
import type {
  AttestationScore,
  CommitteeMember,
  OpenedVerification,
  ReachedVerdict,
  RevealedAttestation,
  VerifiedClaim,
} from "./verification.ts";
import { weighByProbes, type GoldAnswer, type ProbeWeighed } from "./weigh-by-probes.ts";

export type StoodAttestation = RevealedAttestation & {
  readonly member: CommitteeMember;
  readonly verdict: Verdict;
  readonly confidence: number;
};

export type ClaimVerdict = Omit<ReachedVerdict, "claimId"> & {
  readonly claim: VerifiedClaim;
  readonly attestations: readonly StoodAttestation[];
};

const METHOD = "stake-weighted@1";

/** What was reached for every claim, with what it rests on; what the certificate withholds is not told otherwise either. */
export function listVerdicts(verification: OpenedVerification): readonly ClaimVerdict[] {
  const { withheld } = verification;
  const nothing = { verdict: "unresolved", confidence: 0, reason: withheld } as const;
  return verification.opened.claims.map((claim) => {
    const { claimId, ...reached } =
      verification.verdicts.get(claim.claimId) ?? reachVerdict(verification, claim.claimId);
    const attestations = listAttestations(verification, claimId);
    return { claim, attestations, ...reached, ...(withheld === "" ? {} : nothing) };
  });
}

/** Weighs what the claim's panel revealed; a verdict of less confidence than the policy asks is unresolved. */
export function reachVerdict(verification: OpenedVerification, claimId: string): ReachedVerdict {
  const reached = reachByStake(verification, claimId);
  const { confidenceMin } = verification.opened.terms;
  if (reached.verdict === "unresolved" || reached.confidence >= confidenceMin) return reached;
  const reason = `${reached.reason}; confidence ${reached.confidence} is below the policy's ${confidenceMin}`;
  return { ...reached, verdict: "unresolved", reason };
}

function reachByStake(verification: OpenedVerification, claimId: string): ReachedVerdict {
  const panel = listPanel(verification, claimId);
  const round = Math.max(0, verification.rounds.length - 1);
  const common = { claimId, method: METHOD, calibrationId: "", calibrated: 0, round };
  if (panel.length === 0)
    return {
      ...common,
      verdict: "unresolved",
      confidence: 0,
      reason: "no committee could be drawn",
      weights: [],
    };
  const committeeStake = panel.reduce((sum, { stake }) => sum + stake, 0n);
  const weighed = listAttestations(verification, claimId).map(({ member, verdict, confidence }) => ({
    validatorId: member.validatorId,
    verdict,
    confidence,
    stake: member.stake,
  }));
  const inferred = aggregateStakeWeighted(weighed, { committeeStake });
  const weights = panel.map(({ validatorId, stake }) => ({
    validatorId,
    weight: Number((stake * 1_000_000n) / committeeStake) / 1_000_000,
  }));
  return { ...common, ...inferred, weights };
}

/**
 * All claims of a round: by stake, and held against what probes say of the panel. A panel that fails its probes decides nothing; nor does one
 * whose stake says the opposite of what its probes make likely; and where probes calibrate, the policy's confidence is theirs.
 */
export function reachVerdicts(
  verification: OpenedVerification,
  claimIds: readonly string[],
  gold: readonly GoldAnswer[],
): readonly ReachedVerdict[] {
  const answers = claimIds.flatMap((claimId) =>
    listAttestations(verification, claimId).map(({ member, verdict }) => ({
      claimId,
      validatorId: member.validatorId,
      verdict,
    })),
  );
  const weighed = weighByProbes(answers, gold);
  return claimIds.map((claimId) => {
    if (weighed === undefined) return reachVerdict(verification, claimId);
    return holdAgainstProbes(reachByStake(verification, claimId), weighed, verification.opened.terms);
  });
}

function holdAgainstProbes(
  byStake: ReachedVerdict,
  { calibrationId, claims, reason: said, trusted, weights }: ProbeWeighed,
  { confidenceMin }: PolicyTerms,
): ReachedVerdict {
  const likely = claims.get(byStake.claimId);
  if (byStake.verdict === "unresolved" || likely === undefined) return byStake;
  const known = [...weights].map(([validatorId, weight]) => ({ validatorId, weight }));
  const calibrated = likely.side === byStake.verdict ? likely.confidence : 1 - likely.confidence;
  const held = { ...byStake, calibrationId, calibrated, weights: known };
  const leave = (why: string): ReachedVerdict => ({
    ...held,
    verdict: "unresolved",
    reason: `${byStake.reason}; ${why}`,
  });
  if (!trusted) return leave(`the panel ${said}`);
  if (likely.side !== byStake.verdict) return leave(`by its probes the panel rather says ${likely.side}`);
  return calibrated < confidenceMin
    ? leave(`calibrated confidence ${calibrated.toFixed(3)} is below the policy's ${confidenceMin}`)
    : { ...held, reason: `${byStake.reason}; the panel ${said}` };
}

/** How each member's attestations stand to the verdicts: what a score is made of, and no proof of anything. */
export function scoreAttestations(verification: OpenedVerification): readonly AttestationScore[] {
  return listCommittee(verification).flatMap(({ validatorId, claimIds }) => {
    if (!verification.reveals.has(validatorId)) return [];
    const score = { validatorId, agreed: 0, disagreed: 0, abstained: 0 };
    for (const claimId of claimIds) {
      const verdict = verification.verdicts.get(claimId)?.verdict ?? "unresolved";
      const own = listAttestations(verification, claimId).find(
        ({ member }) => member.validatorId === validatorId,
      );
      if (own === undefined || own.verdict === "unresolved") score.abstained++;
      else if (verdict !== "unresolved") score[own.verdict === verdict ? "agreed" : "disagreed"]++;
    }
    return [score];
  });
}

function listAttestations(verification: OpenedVerification, claimId: string): readonly StoodAttestation[] {
  return listPanel(verification, claimId).flatMap((member) => {
    const reveal = verification.reveals
      .get(member.validatorId)
      ?.find((attestation) => attestation.claimId === claimId);
    if (reveal === undefined) return [];
    const decoded = decodeAttestation(reveal.attestation);
    invariant(decoded.ok, "a revealed attestation was checked before it was accepted");
    const { verdict, confidenceBps } = decoded.value;
    return [{ ...reveal, member, verdict, confidence: confidenceBps / 10_000 }];
  });
}
