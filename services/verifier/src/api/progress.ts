/** How far a verification is, as steps with cursors that follow from its state alone: the same on every replica and after every restart. */
import type { verifier } from "@mira/api";
import { toReachedMessage } from "../codec/verification-messages.ts";
import { computeCost, estimateCost } from "../domain/cost.ts";
import type { OpenedVerification, Round, VerificationOpened } from "../domain/verification.ts";

/** Cursors of one round: its committee, then at most so many commitments, then reveals. */
const ROUND_STEPS = 10_000;
const REVEAL_STEPS = 5_000;
const VERDICTS_CURSOR = 1_000_000;

type Step = Omit<verifier.VerifyResponseResponse, "verificationId">;

/** Every step so far, in order. */
export function listSteps(verification: OpenedVerification): readonly Step[] {
  const { opened, rounds, status, certificateId } = verification;
  const steps: Step[] = [describeClaims(opened)];
  for (const [index, round] of rounds.entries())
    if (round.committee.length > 0) steps.push(...listRoundSteps(verification, round, index));
  // Not before it is certain that the certificate says them: it may withhold what too few have signed.
  if (status === "certified")
    steps.push({
      cursor: BigInt(VERDICTS_CURSOR),
      step: { $case: "verdicts", value: describeVerdicts(verification) },
    });
  if (certificateId !== undefined)
    steps.push({
      cursor: BigInt(VERDICTS_CURSOR + 1),
      step: {
        $case: "certificate",
        value: { certificateId, costUnits: String(computeCost(verification)) },
      },
    });
  return steps;
}

export function describeClaims(opened: VerificationOpened): Step {
  const { estimate, max } = estimateCost(opened);
  const value: verifier.ClaimsFound = {
    claims: opened.claims.length,
    sentences: opened.sentences.length,
    policy: opened.terms.policy,
    cost: { estimateUnits: String(estimate), maxUnits: String(max) },
  };
  return { cursor: 1n, step: { $case: "claimsFound", value } };
}

/** Who, and then how many: whose commitments and reveals came, and what they say, is not told. */
function listRoundSteps(
  { commits, reveals }: OpenedVerification,
  { committee, claimIds, commitBy, revealBy }: Round,
  round: number,
): readonly Step[] {
  const base = (round + 1) * ROUND_STEPS;
  const members = committee.length;
  const committed = committee.filter(({ validatorId }) => commits.has(validatorId)).length;
  const revealed = committee.filter(({ validatorId }) => reveals.has(validatorId)).length;
  const count = (cursor: number, value: Pick<verifier.AttestationCount, "committed" | "revealed">): Step => ({
    cursor: BigInt(cursor),
    step: { $case: "attestations", value: { round, members, ...value } },
  });
  const drawn: verifier.CommitteeReady = {
    round,
    validatorIds: committee.map(({ validatorId }) => validatorId),
    claims: claimIds.length,
    commitByMs: BigInt(commitBy),
    revealByMs: BigInt(revealBy),
  };
  return [
    { cursor: BigInt(base), step: { $case: "committeeDrawn", value: drawn } },
    ...Array.from({ length: committed }, (_, at) => count(base + at + 1, { committed: at + 1, revealed: 0 })),
    ...Array.from({ length: revealed }, (_, at) =>
      count(base + REVEAL_STEPS + at + 1, { committed, revealed: at + 1 }),
    ),
  ];
}

/** What the certificate withholds is not told otherwise either. */
function describeVerdicts({ verdicts, withheld }: OpenedVerification): verifier.VerdictsReady {
  return {
    verdicts: withheld === "" ? [...verdicts.values()].map(toReachedMessage) : [],
  };
}
