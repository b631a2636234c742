/** VerifyResponse: splits the response, draws the committee, opens the verification. */
import type { verifier } from "@mira/api";
import {
  encodeBase58,
  encodeUtf8,
  refuse,
  sha256,
  succeed,
  type Result,
  type UnixMs,
} from "@mira/primitives";
import { drawCommittee } from "../domain/committee.ts";
import { decide } from "../domain/decide.ts";
import type { OpenedVerification, VerificationOpened } from "../domain/verification.ts";
import type { VerifierApiDependencies } from "./dependencies.ts";

const RESPONSE_BYTES_MAX = 256 * 1024;
const SOURCES_MAX = 32;
const SOURCES_BYTES_MAX = 2 * 1024 * 1024;
const CLAIMS_MAX = 512;

export async function verifyResponse(
  dependencies: VerifierApiDependencies,
  request: verifier.VerifyResponseRequest,
): Promise<Result<verifier.VerifyResponseResponse>> {
  const problem = findProblem(request);
  if (problem !== undefined) return problem;
  const { requestId } = request;
  const verificationId = encodeBase58(
    sha256(encodeUtf8(`mira:verification:v1:${dependencies.networkId}:${requestId}`)),
  );
  const { state: earlier } = await dependencies.streams.load(verificationId);
  if (earlier.status !== "none") return answerAgain(earlier, request);
  const opened = await prepare(dependencies, request, verificationId);
  if (!opened.ok) return opened;
  const command = {
    type: "open",
    opened: opened.value,
    committeeSizeMin: dependencies.committeeSize,
  } as const;
  const handled = await dependencies.streams.handle(verificationId, (state) => decide(command, state));
  // The same request at the same time: whoever came second gets the first one's answer, too.
  if (!handled.ok && handled.code === "REQUEST_ID_REUSED") {
    const { state } = await dependencies.streams.load(verificationId);
    return state.status === "none" ? handled : answerAgain(state, request);
  }
  if (!handled.ok) return handled;
  dependencies.bell.ring(verificationId);
  return succeed({ verificationId });
}

function answerAgain(
  { opened }: OpenedVerification,
  { requestId, response, sources }: verifier.VerifyResponseRequest,
): Result<verifier.VerifyResponseResponse> {
  return opened.response === response && sameSources(opened.sources, sources)
    ? succeed({ verificationId: opened.verificationId })
    : refuse("REQUEST_ID_REUSED", "the request id was used for another response", { requestId });
}

function findProblem({
  requestId,
  response,
  sources,
}: verifier.VerifyResponseRequest): Result<never> | undefined {
  if (!/^[\w.:-]{1,128}$/.test(requestId))
    return refuse("REQUEST_INVALID", "the request id is not valid", {
      field: "request_id",
      needed: "1 to 128 of letters, digits, _ . : -",
    });
  const bytes = Buffer.byteLength(response);
  if (bytes > RESPONSE_BYTES_MAX)
    return refuse("RESPONSE_TOO_LARGE", "the response is longer than allowed", {
      neededMax: RESPONSE_BYTES_MAX,
      got: bytes,
    });
  if (response.trim() === "") return refuse("RESPONSE_EMPTY", "the response has no text");
  const sourceBytes = sources.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (sources.length > SOURCES_MAX || sourceBytes > SOURCES_BYTES_MAX)
    return refuse("RESPONSE_TOO_LARGE", "the sources are more or longer than allowed", {
      neededMax: `${SOURCES_MAX} sources, ${SOURCES_BYTES_MAX} bytes`,
      got: `${sources.length} sources, ${sourceBytes} bytes`,
    });
  return undefined;
}

async function prepare(
  dependencies: VerifierApiDependencies,
  { requestId, response, sources }: verifier.VerifyResponseRequest,
  verificationId: string,
): Promise<Result<VerificationOpened>> {
  const { decompose, validators, auditLog, clock, commitMs, revealMs, committeeSize } = dependencies;
  const decomposed = decompose(response);
  if (!decomposed.ok) return decomposed;
  const { sentences, claims: found } = decomposed.value;
  if (found.length > CLAIMS_MAX)
    return refuse("RESPONSE_TOO_LARGE", "the response makes more claims than allowed", {
      neededMax: CLAIMS_MAX,
      got: found.length,
    });
  const claims = found.map(({ text, start, end }, index) => ({ claimId: `c${index + 1}`, text, start, end }));
  const bonded = await validators.listBonded();
  if (!bonded.ok) return bonded;
  // The claims are fixed before the checkpoint is asked for, so nobody chooses the one for the other.
  const checkpoint = await auditLog.getCheckpoint();
  if (!checkpoint.ok) return checkpoint;
  const committee = drawCommittee(
    bonded.value,
    committeeSize,
    sha256(encodeUtf8(`${verificationId}\n${checkpoint.value}`)),
  );
  const at = clock.now();
  const commitBy = (at + commitMs) as UnixMs;
  return succeed({
    type: "VerificationOpened",
    verificationId,
    requestId,
    response,
    sources,
    sentences,
    claims,
    committee,
    commitBy,
    revealBy: (commitBy + revealMs) as UnixMs,
    at,
  });
}

function sameSources(left: readonly verifier.Source[], right: readonly verifier.Source[]): boolean {
  const plain = (sources: readonly verifier.Source[]): string =>
    JSON.stringify(sources.map(({ sourceId, title, text }) => [sourceId, title, text]));
  return plain(left) === plain(right);
}
