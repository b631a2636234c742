/** VerifyResponse: splits the response, fixes the draw of a committee, opens the verification. */
import type { verifier } from "@mira/api";
import { refuse, parseBaseUnits, succeed, type Result } from "@mira/primitives";
import { decide } from "../domain/decide.ts";
import type { OpenCommand } from "../domain/decide-draw.ts";
import { choosePolicy } from "../domain/policy.ts";
import type { OpenedVerification } from "../domain/verification.ts";
import { deriveVerificationId } from "../workers/probes.ts";
import type { VerifierApiDependencies } from "./dependencies.ts";

const RESPONSE_BYTES_MAX = 256 * 1024;
const SOURCES_MAX = 32;
const SOURCES_BYTES_MAX = 2 * 1024 * 1024;
const CLAIMS_MAX = 512;
const DOMAIN_DEFAULT = "general";

export async function verifyResponse(
  dependencies: VerifierApiDependencies,
  request: verifier.VerifyResponseRequest,
): Promise<Result<verifier.VerifyResponseResponse>> {
  const problem = findProblem(request);
  if (problem !== undefined) return problem;
  const { requestId } = request;
  const verificationId = deriveVerificationId(dependencies.networkId, requestId);
  const { state: earlier } = await dependencies.streams.load(verificationId);
  if (earlier.status !== "none") return answerAgain(earlier, request);
  const command = await prepare(dependencies, request, verificationId);
  if (!command.ok) return command;
  const handled = await dependencies.streams.handle(verificationId, (state) => decide(command.value, state));
  // The same request at the same time: whoever came second gets the first one's answer, too.
  if (!handled.ok && handled.code === "REQUEST_ID_REUSED") {
    const { state } = await dependencies.streams.load(verificationId);
    return state.status === "none" ? handled : answerAgain(state, request);
  }
  if (!handled.ok) return handled;
  dependencies.begin(verificationId);
  dependencies.onOpened(verificationId);
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
  domain,
  valueAtStakeUnits,
}: verifier.VerifyResponseRequest): Result<never> | undefined {
  if (!/^[\w.:-]{1,128}$/.test(requestId))
    return refuse("REQUEST_INVALID", "the request id is not valid", {
      field: "request_id",
      needed: "1 to 128 of letters, digits, _ . : -",
    });
  if (!/^[\w.-]{0,64}$/.test(domain))
    return refuse("REQUEST_INVALID", "the domain is not valid", {
      field: "domain",
      needed: "at most 64 of letters, digits, _ . -",
    });
  if (!/^\d{0,30}$/.test(valueAtStakeUnits))
    return refuse("REQUEST_INVALID", "the value at stake is not valid", {
      field: "value_at_stake_units",
      needed: "base units, in decimal",
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

/** Everything that the draw depends on is in the command, before any checkpoint that it is drawn from is signed. */
async function prepare(
  dependencies: VerifierApiDependencies,
  request: verifier.VerifyResponseRequest,
  verificationId: string,
): Promise<Result<OpenCommand>> {
  const { requestId, response, sources } = request;
  const { networkId, decompose, validators, policies, clock, createNonce } = dependencies;
  const terms = choosePolicy(policies, {
    policy: request.policy,
    domain: request.domain === "" ? DOMAIN_DEFAULT : request.domain,
    valueAtStake: parseBaseUnits(request.valueAtStakeUnits === "" ? "0" : request.valueAtStakeUnits),
  });
  if (!terms.ok) return terms;
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
  const at = clock.now();
  const opened = { verificationId, requestId, response, sources, sentences, claims, terms: terms.value, at };
  return succeed({
    type: "open",
    opened: { type: "VerificationOpened", ...opened },
    draw: { networkId, candidates: bonded.value, nonce: createNonce(), at },
  });
}

function sameSources(left: readonly verifier.Source[], right: readonly verifier.Source[]): boolean {
  const plain = (sources: readonly verifier.Source[]): string =>
    JSON.stringify(sources.map(({ sourceId, title, text }) => [sourceId, title, text]));
  return plain(left) === plain(right);
}
