/** gRPC: request -> command -> decision -> response or refusal. Changes and uses have files of their own; here are the reads. */
import type { sessions } from "@mira/api";
import { unary } from "@mira/chassis";
import { parseUnixMs, refuse, succeed, type Result } from "@mira/primitives";
import { answer, type SessionsApiDependencies } from "./dependencies.ts";
import { advanceAuthority, amendSession, grantSession, revokeSession } from "./grants.ts";
import { toSessionMessage } from "./session-message.ts";
import { explainDecision, getExposure, releaseBudget, reserveBudget } from "./uses.ts";

const PAGE_SIZE_DEFAULT = 50;
const PAGE_SIZE_MAX = 500;

export function createSessionsApi(dependencies: SessionsApiDependencies): sessions.SessionsServiceServer {
  return {
    grantSession: unary((request) => grantSession(dependencies, request)),
    amendSession: unary((request) => amendSession(dependencies, request)),
    revokeSession: unary((request) => revokeSession(dependencies, request)),
    advanceAuthority: unary((request) => advanceAuthority(dependencies, request)),
    getAuthority: unary((request) => getAuthority(dependencies, request)),
    getSession: unary((request) => getSession(dependencies, request)),
    listSessions: unary((request) => listSessions(dependencies, request)),
    reserveBudget: unary((request) => reserveBudget(dependencies, request)),
    releaseBudget: unary((request) => releaseBudget(dependencies, request)),
    explainDecision: unary((request) => explainDecision(dependencies, request)),
    getExposure: unary((request) => getExposure(dependencies, request)),
  };
}

async function getAuthority(
  { trees }: SessionsApiDependencies,
  { owner }: sessions.GetAuthorityRequest,
): Promise<Result<sessions.GetAuthorityResponse>> {
  if (owner.length !== 32)
    return refuse("REQUEST_INVALID", "an owner is a key of 32 bytes", { field: "owner", got: owner.length });
  const { epoch } = await trees.readAuthority(owner);
  return succeed({ epoch: BigInt(epoch) });
}

async function getSession(
  dependencies: SessionsApiDependencies,
  { sessionId }: sessions.GetSessionRequest,
): Promise<Result<sessions.GetSessionResponse>> {
  return answer(dependencies, await dependencies.trees.load(sessionId), sessionId);
}

async function listSessions(
  { list, clock }: SessionsApiDependencies,
  request: sessions.ListSessionsRequest,
): Promise<Result<sessions.ListSessionsResponse>> {
  if (request.owner.length !== 0 && request.owner.length !== 32)
    return refuse("REQUEST_INVALID", "an owner is a key of 32 bytes", {
      field: "owner",
      needed: 32,
      got: request.owner.length,
    });
  if (request.activeAtMs > Number.MAX_SAFE_INTEGER)
    return refuse("REQUEST_INVALID", "the instant is not one in Unix milliseconds", {
      field: "active_at_ms",
      neededMax: Number.MAX_SAFE_INTEGER,
      got: request.activeAtMs,
    });
  if (!/^\d{0,18}$/.test(request.pageToken))
    return refuse("REQUEST_INVALID", "the page token is not one of ours", { field: "page_token" });
  const page = await list.list({
    limit: Math.min(request.pageSize === 0 ? PAGE_SIZE_DEFAULT : request.pageSize, PAGE_SIZE_MAX),
    afterNumber: BigInt(request.pageToken === "" ? 0 : request.pageToken),
    ...(request.owner.length === 0 ? {} : { owner: request.owner }),
    ...(request.activeAtMs === 0n ? {} : { activeAt: parseUnixMs(request.activeAtMs) }),
  });
  const now = clock.now();
  return succeed({
    sessions: page.sessions.map((session) => toSessionMessage(session, now)),
    nextPageToken: page.nextNumber?.toString() ?? "",
  });
}
