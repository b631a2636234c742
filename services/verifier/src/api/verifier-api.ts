/** gRPC: request -> command -> decision -> response or refusal. */
import { verifier } from "@mira/api";
import { serverStream, unary, type CallContext } from "@mira/chassis";
import { refuse, succeed, type Result } from "@mira/primitives";
import { recombineVerdicts } from "../domain/sentence-verdicts.ts";
import { listVerdicts } from "../domain/verdict.ts";
import type { OpenedVerification } from "../domain/verification.ts";
import { toDecomposerMessage, toSentenceMessage } from "../codec/decomposition-messages.ts";
import { toDrawMessage } from "../codec/draw-messages.ts";
import { toPolicyMessage } from "../codec/policy-messages.ts";
import { toClaimVerdictMessage } from "../codec/verdict-messages.ts";
import { toVerdictMessage } from "../codec/verification-messages.ts";
import { commitAttestations, revealAttestations, signStatement, watchAssignments } from "./assignments.ts";
import type { VerifierApiDependencies } from "./dependencies.ts";
import { importProbes, listProbeSets } from "./probes.ts";
import { verifyResponse } from "./verify-response.ts";

/** Left of a call's deadline for the answer to travel. */
const ANSWER_MS = 250;
const WAIT_STEP_MS = 1_000;

export function createVerifierApi(dependencies: VerifierApiDependencies): verifier.VerifierServiceServer {
  return {
    verifyResponse: serverStream((request, call) => verifyResponse(dependencies, request, call)),
    getVerification: unary((request, call) => getVerification(dependencies, request, call)),
    getCertificate: unary((request) => getCertificate(dependencies, request)),
    getDraws: unary((request) => getDraws(dependencies, request)),
    listPolicies: unary(() => succeed({ policies: dependencies.policies.map(toPolicyMessage) })),
    importProbes: unary((request) => importProbes(dependencies, request)),
    listProbeSets: unary(() => listProbeSets(dependencies)),
    watchAssignments: serverStream((request, call) => watchAssignments(dependencies, request, call)),
    commitAttestations: unary((request) => commitAttestations(dependencies, request)),
    revealAttestations: unary((request) => revealAttestations(dependencies, request)),
    signStatement: unary((request) => signStatement(dependencies, request)),
  };
}

async function getVerification(
  { streams, clock, bell }: VerifierApiDependencies,
  request: verifier.GetVerificationRequest,
  call: CallContext,
): Promise<Result<verifier.GetVerificationResponse>> {
  const { verificationId } = request;
  const ear = bell.listen(verificationId);
  try {
    for (;;) {
      const { state } = await streams.load(verificationId);
      if (state.status === "none") return refuse("NOT_FOUND", "no such verification", { verificationId });
      const leftMs = call.deadlineAt - clock.now() - ANSWER_MS;
      if (!request.wait || state.status === "certified" || leftMs <= 0)
        return succeed(toVerificationMessage(state));
      await ear.wait({ timeoutMs: Math.min(leftMs, WAIT_STEP_MS), signal: call.signal });
    }
  } finally {
    ear.close();
  }
}

async function getCertificate(
  { list, streams, auditLog }: VerifierApiDependencies,
  { certificateId }: verifier.GetCertificateRequest,
): Promise<Result<verifier.GetCertificateResponse>> {
  const verificationId = await list.findByCertificate(certificateId);
  const { state } = verificationId === undefined ? { state: undefined } : await streams.load(verificationId);
  if (state === undefined || state.status === "none" || state.envelope === undefined)
    return refuse("NOT_FOUND", "no such certificate", { certificateId });
  const proof = await auditLog.getCertificateProof(certificateId);
  return proof.ok
    ? succeed({ certificate: { certificateId, envelope: state.envelope, tlogProof: proof.value } })
    : proof;
}

async function getDraws(
  { streams }: VerifierApiDependencies,
  { verificationId }: verifier.GetDrawsRequest,
): Promise<Result<verifier.GetDrawsResponse>> {
  const { state } = await streams.load(verificationId);
  if (state.status === "none") return refuse("NOT_FOUND", "no such verification", { verificationId });
  return succeed({ draws: state.rounds.flatMap((round) => toDrawMessage(round) ?? []) });
}

const STATUSES = {
  drawing: verifier.VerificationStatus.DRAWING,
  widening: verifier.VerificationStatus.DRAWING,
  certifying: verifier.VerificationStatus.CERTIFYING,
  committing: verifier.VerificationStatus.COMMITTING,
  revealing: verifier.VerificationStatus.REVEALING,
  signing: verifier.VerificationStatus.SIGNING,
  certified: verifier.VerificationStatus.CERTIFIED,
} as const satisfies Record<OpenedVerification["status"], verifier.VerificationStatus>;

/** Verdicts are shown once they are certified: before that, a look would tell those who have not revealed. */
function toVerificationMessage(state: OpenedVerification): verifier.GetVerificationResponse {
  const { verificationId, sentences, decomposer } = state.opened;
  const claims = state.status === "certified" ? listVerdicts(state).map(toClaimVerdictMessage) : [];
  const recombined = state.status === "certified" ? recombineVerdicts(state) : undefined;
  return {
    verificationId,
    status: STATUSES[state.status],
    sentences: sentences.map((sentence, at) => toSentenceMessage(sentence, recombined?.sentences[at])),
    claims,
    certificateId: state.certificateId ?? "",
    verdict: recombined === undefined ? verifier.Verdict.UNSPECIFIED : toVerdictMessage(recombined.response),
    decomposer: toDecomposerMessage(decomposer),
  };
}
