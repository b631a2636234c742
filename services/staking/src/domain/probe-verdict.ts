/** Opened probes: held against what a validator attested, one after the other, until a sequential test convicts. */
import { updateSprt } from "@mira/drift";
import { hashLeaf, verifyInclusion } from "@mira/merkle";
import {
  accept,
  bytesEqual,
  CanonicalWriter,
  decodeAttestation,
  encodeHex,
  encodeProbe,
  encodeUtf8,
  refuse,
  sha256,
  succeed,
  verifySignature,
  type BaseUnits,
  type Decision,
  type Probe,
  type Result,
  type UnixMs,
} from "@mira/primitives";
import { SPRT_PLAN, type KnownValidator, type SignedBytes, type StakingEvent } from "./validator.ts";

export type CommittedProbe = {
  readonly probe: Probe;
  readonly index: number;
  readonly treeSize: number;
  readonly path: readonly Uint8Array[];
};

/** Whether the probe stood, with this truth, under the root that was committed to before it was asked. */
export function verifyProbe({ probe, index, treeSize, path }: CommittedProbe, root: Uint8Array): boolean {
  return verifyInclusion({ leafHash: hashLeaf(encodeProbe(probe)), index, treeSize, path: [...path], root });
}

/** One validator's signed answer to an opened probe. */
export type ProbeAnswer = SignedBytes & {
  readonly networkId: string;
  readonly verificationId: string;
  readonly claimId: string;
  readonly probe: Probe;
};

export type JudgeProbeCommand = {
  readonly type: "judgeProbe";
  readonly answer: ProbeAnswer;
  readonly slashBps: bigint;
  readonly at: UnixMs;
};

/** An abstention is neither right nor wrong. Each answer counts once. Tombstoned validators are not judged again. */
export function decideJudgeProbe(
  { answer, slashBps, at }: JudgeProbeCommand,
  state: KnownValidator,
): Decision<StakingEvent> {
  const read = readAnswer(answer, state);
  if (!read.ok) return read;
  const { probe, verificationId, attestation, signature } = answer;
  const { validatorId } = state;
  const answerId = `${probe.probeId}/${verificationId}`;
  if (state.tombstoned || state.answerIds.has(answerId) || read.value === undefined) return accept();
  const isCorrect = read.value;
  const judged: StakingEvent = {
    type: "ProbeJudged",
    validatorId,
    probeId: probe.probeId,
    verificationId,
    isCorrect,
    attestation,
    signature,
    at,
  };
  if (updateSprt(SPRT_PLAN, state.sprt, isCorrect).verdict !== "convicted") return accept(judged);
  const slashable = state.bonded + state.unbonding;
  const none: SignedBytes = { attestation: new Uint8Array(), signature: new Uint8Array() };
  return accept<StakingEvent>(judged, {
    type: "EvidenceAccepted",
    validatorId,
    evidenceId: deriveConvictionId(validatorId, answerId),
    fault: "failed-probes",
    // The answer that decided; those before it are the validator's ProbeJudged events.
    first: { attestation, signature },
    second: none,
    reporter: new Uint8Array(),
    slash: ((slashable * slashBps + 9_999n) / 10_000n) as BaseUnits,
    at,
  });
}

/** Right, wrong, or undefined for an abstention. Refused when the validator did not sign exactly this about exactly this. */
function readAnswer(
  { probe, networkId, verificationId, claimId, attestation: bytes, signature }: ProbeAnswer,
  { validatorId, publicKey }: KnownValidator,
): Result<boolean | undefined, "EVIDENCE_INVALID"> {
  const decoded = decodeAttestation(bytes);
  if (!decoded.ok) return refuse("EVIDENCE_INVALID", "the answer is malformed", { problem: decoded.message });
  const attestation = decoded.value;
  if (
    attestation.networkId !== networkId ||
    attestation.validatorId !== validatorId ||
    attestation.verificationId !== verificationId ||
    attestation.claimId !== claimId ||
    !bytesEqual(attestation.claimHash, sha256(encodeUtf8(probe.claim)))
  )
    return refuse("EVIDENCE_INVALID", "the answer is about something else, or another's", { validatorId });
  if (!verifySignature(publicKey, bytes, signature))
    return refuse("EVIDENCE_INVALID", "the answer's signature does not verify", { validatorId });
  return succeed(attestation.verdict === "unresolved" ? undefined : attestation.verdict === probe.truth);
}

function deriveConvictionId(validatorId: string, answerId: string): string {
  return encodeHex(
    sha256(
      new CanonicalWriter()
        .text("mira:evidence-id:v1")
        .text("failed-probes")
        .text(validatorId)
        .text(answerId)
        .finish(),
    ),
  );
}
