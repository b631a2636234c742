/** Computes a claim's verdict again from its attestations, by the method that the certificate names. */
import { aggregateStakeWeighted } from "@mira/inference";
import type { Verdict } from "@mira/primitives";
import type { CertificateClaim, CertificateMember, VerdictMethod, VerificationPredicate } from "./types.ts";

/** Sums of decimals may differ in their last digits between languages. */
const CONFIDENCE_TOLERANCE = 1e-9;

/** What does not follow, in words; undefined when everything does. */
export function findVerdictProblem(
  claim: CertificateClaim,
  { committee, policy }: VerificationPredicate,
): string | undefined {
  // To leave a claim open is always allowed: a policy may ask for more than the method.
  if (claim.verdict === "unresolved") return undefined;
  const computed = METHODS[claim.method](claim, committee);
  if (typeof computed === "string") return computed;
  if ((claim.calibrated?.confidence ?? claim.confidence) < policy.confidenceMin)
    return `it is less sure than the policy asks: needed ${policy.confidenceMin}`;
  return computed.verdict === claim.verdict &&
    Math.abs(computed.confidence - claim.confidence) <= CONFIDENCE_TOLERANCE
    ? undefined
    : `it does not follow from the attestations: needed ${computed.verdict} ${computed.confidence}, got ${claim.verdict} ${claim.confidence}`;
}

type Computed = { readonly verdict: Verdict; readonly confidence: number };

type Compute = (claim: CertificateClaim, committee: readonly CertificateMember[]) => Computed | string;

/** A method once published never changes: another one has another id. */
const METHODS: Readonly<Record<VerdictMethod, Compute>> = { "stake-weighted@1": computeStakeWeighted };

/** Weight is stake; everyone who had the claim to check counts, those who stayed silent for nobody. */
function computeStakeWeighted(
  { attestations, assigned }: CertificateClaim,
  committee: readonly CertificateMember[],
): Computed | string {
  const members = committee.filter(({ validatorId }) => assigned?.includes(validatorId) ?? true);
  const stakes = new Map(members.map(({ validatorId, stakeUnits }) => [validatorId, stakeUnits]));
  const odd = attestations.find(({ validatorId, weight }) => stakes.get(validatorId) !== weight);
  if (odd !== undefined) return `the weight of ${odd.validatorId} is not its stake`;
  const committeeStake = members.reduce((sum, { stakeUnits }) => sum + BigInt(stakeUnits), 0n);
  return aggregateStakeWeighted(
    attestations.map(({ validatorId, verdict, confidenceBps, weight }) => ({
      validatorId,
      verdict,
      confidence: confidenceBps / 10_000,
      stake: BigInt(weight),
    })),
    { committeeStake },
  );
}
