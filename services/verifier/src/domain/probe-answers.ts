/** What was attested to probes: who was right, and everything that proves it once a probe is opened. */
import { decodeAttestation, invariant } from "@mira/primitives";
import { listCommittee } from "./rounds.ts";
import type { GoldAnswer } from "./weigh-by-probes.ts";
import type { OpenedVerification, ProbeScore } from "./verification.ts";

export type OpenedUse = {
  readonly verificationId: string;
  readonly claimId: string;
  readonly answers: readonly {
    readonly validatorId: string;
    readonly attestation: Uint8Array;
    readonly signature: Uint8Array;
  }[];
};

/** An abstention passes nothing and fails nothing: not knowing is no lie. */
export function scoreProbes(verification: OpenedVerification): readonly ProbeScore[] {
  const truths = new Map(verification.opened.probes?.map(({ claimId, truth }) => [claimId, truth]));
  return listCommittee(verification).flatMap(({ validatorId }) => {
    const score = { validatorId, passed: 0, failed: 0 };
    for (const { claimId, attestation } of verification.reveals.get(validatorId) ?? []) {
      const truth = truths.get(claimId);
      const decoded = decodeAttestation(attestation);
      invariant(decoded.ok, "a revealed attestation was checked before it was accepted");
      const { verdict } = decoded.value;
      if (truth !== undefined && verdict !== "unresolved") score[verdict === truth ? "passed" : "failed"]++;
    }
    return score.passed + score.failed > 0 ? [score] : [];
  });
}

/** What everyone said of what is known, as later panels are weighed by. */
export function listGold(verification: OpenedVerification): readonly GoldAnswer[] {
  const uses = verification.opened.probes ?? [];
  return [...verification.reveals].flatMap(([validatorId, shown]) =>
    shown.flatMap(({ claimId, attestation }): GoldAnswer[] => {
      const use = uses.find((one) => one.claimId === claimId);
      const decoded = decodeAttestation(attestation);
      if (use === undefined || !decoded.ok || decoded.value.verdict === "unresolved") return [];
      return [{ probeId: use.probeId, validatorId, verdict: decoded.value.verdict, truth: use.truth }];
    }),
  );
}

/** Every attestation to one claim, as it was signed. */
export function listAnswers({ opened, reveals }: OpenedVerification, claimId: string): OpenedUse {
  return {
    verificationId: opened.verificationId,
    claimId,
    answers: [...reveals].flatMap(([validatorId, shown]) =>
      shown
        .filter((one) => one.claimId === claimId)
        .map(({ attestation, signature }) => ({ validatorId, attestation, signature })),
    ),
  };
}
