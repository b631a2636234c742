/** VerifyResponse: splits the response, fixes the draw of a committee, opens the verification. */
import type { verifier } from "@mira/api";
import type { CallContext } from "@mira/chassis";
import { refuse, RefusalError, parseBaseUnits, succeed, type Result } from "@mira/primitives";
import { countAsked } from "../domain/cost.ts";
import { decide } from "../domain/decide.ts";
import type { OpenCommand } from "../domain/decide-draw.ts";
import { choosePolicy } from "../domain/policy.ts";
import type { OpenedVerification } from "../domain/verification.ts";
import { deriveVerificationId } from "../workers/probes.ts";
import { describeClaims, listSteps } from "./progress.ts";
import type { VerifierApiDependencies } from "./dependencies.ts";

const RESPONSE_BYTES_MAX = 256 * 1024;
const SOURCES_MAX = 32;
const SOURCES_BYTES_MAX = 2 * 1024 * 1024;
const CLAIMS_MAX = 512;
/** Other replicas' steps are seen at the next look. */
const LOOK_AGAIN_MS = 1_000;
const DOMAIN_DEFAULT = "general";

/** Opens the verification unless it is open, then tells each step as it comes until the certificate is there. */
export async function* verifyResponse(
  dependencies: VerifierApiDependencies,
  request: verifier.VerifyResponseRequest,
  call: CallContext,
): AsyncGenerator<verifier.VerifyResponseResponse> {
  if (request.estimateOnly) {
    yield* estimate(dependencies, request, call);
    return;
  }
  const started = await openVerification(dependencies, request, call);
  if (!started.ok) throw new RefusalError(started);
  const verificationId = started.value;
  const ear = dependencies.bell.listen(verificationId);
  let cursor = request.cursor;
  try {
    while (!call.signal.aborted) {
      const { state } = await dependencies.streams.load(verificationId);
      if (state.status === "none") return;
      for (const step of listSteps(state))
        if (step.cursor > cursor) {
          cursor = step.cursor;
          yield { verificationId, ...step };
        }
      if (state.status === "certified") return;
      await ear.wait({ timeoutMs: LOOK_AGAIN_MS, signal: call.signal });
    }
  } finally {
    ear.close();
  }
}

async function* estimate(
  dependencies: VerifierApiDependencies,
  request: verifier.VerifyResponseRequest,
  call: CallContext,
): AsyncGenerator<verifier.VerifyResponseResponse> {
  const command = findProblem(request) ?? (await prepare(dependencies, request, "", call.signal));
  if (!command.ok) throw new RefusalError(command);
  yield { verificationId: "", ...describeClaims(command.value.opened) };
}

async function openVerification(
  dependencies: VerifierApiDependencies,
  request: verifier.VerifyResponseRequest,
  { peer, signal }: CallContext,
): Promise<Result<string>> {
  const problem = findProblem(request);
  if (problem !== undefined) return problem;
  const { requestId } = request;
  const verificationId = deriveVerificationId(dependencies.networkId, requestId);
  const { state: earlier } = await dependencies.streams.load(verificationId);
  if (earlier.status !== "none") return answerAgain(earlier, request);
  const command = await prepare(dependencies, request, verificationId, signal);
  if (!command.ok) return command;
  // What was opened before is not paid for again.
  const within = dependencies.quotas.take(peer, countAsked(command.value.opened));
  if (!within.ok) return within;
  const handled = await dependencies.streams.handle(verificationId, (state) => decide(command.value, state));
  // The same request at the same time: whoever came second gets the first one's answer, too.
  if (!handled.ok && handled.code === "REQUEST_ID_REUSED") {
    const { state } = await dependencies.streams.load(verificationId);
    return state.status === "none" ? handled : answerAgain(state, request);
  }
  if (!handled.ok) return handled;
  dependencies.begin(verificationId);
  dependencies.onOpened(verificationId);
  return succeed(verificationId);
}

function answerAgain(
  { opened }: OpenedVerification,
  { requestId, response, sources }: verifier.VerifyResponseRequest,
): Result<string> {
  return opened.response === response && sameSources(opened.sources, sources)
    ? succeed(opened.verificationId)
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
  signal: AbortSignal,
): Promise<Result<OpenCommand>> {
  const { requestId, response, sources } = request;
  const { networkId, decompose, validators, policies, clock, createNonce } = dependencies;
  const terms = choosePolicy(policies, {
    policy: request.policy,
    domain: request.domain === "" ? DOMAIN_DEFAULT : request.domain,
    valueAtStake: parseBaseUnits(request.valueAtStakeUnits === "" ? "0" : request.valueAtStakeUnits),
  });
  if (!terms.ok) return terms;
  const decomposed = await decompose(response, signal);
  if (!decomposed.ok) return decomposed;
  const { sentences, claims: found, decomposer } = decomposed.value;
  if (found.length > CLAIMS_MAX)
    return refuse("RESPONSE_TOO_LARGE", "the response makes more claims than allowed", {
      neededMax: CLAIMS_MAX,
      got: found.length,
    });
  const claims = found.map(({ text, start, end, pieces }, index) => ({
    claimId: `c${index + 1}`,
    text,
    start,
    end,
    pieces,
  }));
  const bonded = await validators.listBonded();
  if (!bonded.ok) return bonded;
  const at = clock.now();
  const opened = {
    ...{ verificationId, requestId, response, sources, at },
    ...{ sentences, claims, decomposer, terms: terms.value },
  };
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
