/** The steps of a verification as people read them. */
import type { verifier } from "@mira/api";
import { VERDICT_NAMES } from "./describe.ts";
import { formatAmount, formatInstant } from "./values.ts";

export function describeStep({ step }: verifier.VerifyResponseResponse): string {
  switch (step?.$case) {
    case "claimsFound":
      return describeClaimsFound(step.value);
    case "committeeDrawn": {
      const { round, validatorIds, claims, commitByMs } = step.value;
      const which = round === 0 ? "committee" : `committee widened (${round})`;
      return `${which}: ${validatorIds.length} validators drawn for ${claims} claims, to commit by ${formatInstant(commitByMs)}`;
    }
    case "attestations": {
      const { members, committed, revealed } = step.value;
      return revealed > 0
        ? `${revealed} of ${committed} revealed`
        : `${committed} of ${members} committed; nothing is shown before all may no longer commit`;
    }
    case "verdicts":
      return `verdicts: ${countVerdicts(step.value.verdicts)}`;
    case "certificate":
      return `certificate ${step.value.certificateId}, cost ${formatAmount(BigInt(step.value.costUnits))} MIRA`;
    case undefined:
      return "a step that this version does not know";
  }
}

export function describeClaimsFound({ claims, sentences, policy, cost }: verifier.ClaimsFound): string {
  const estimate = formatAmount(BigInt(cost?.estimateUnits ?? "0"));
  const most = formatAmount(BigInt(cost?.maxUnits ?? "0"));
  return `${claims} claims in ${sentences} sentences; under ${policy} about ${estimate} MIRA, at most ${most}`;
}

function countVerdicts(verdicts: readonly verifier.ReachedVerdict[]): string {
  const counts = new Map<string, number>();
  for (const { verdict } of verdicts) {
    const name = VERDICT_NAMES[verdict] ?? "none";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} ${name}`).join(", ") || "none";
}
