/** gRPC: request -> command -> decision -> response or refusal. */
import type { sessions } from "@mira/api";
import { type types } from "@mira/api";
import { unary } from "@mira/chassis";
import {
  bytesEqual,
  deriveSessionId,
  describeIntent,
  encodeBase58,
  encodeHex,
  parseLamports,
  parseSessionGrant,
  parseUnixMs,
  findIntentField,
  refuse,
  succeed,
  verifyIntent,
  type Intent,
  type IntentPurpose,
  type Result,
  type SignedIntent,
} from "@mira/primitives";
import { decide } from "../domain/decide.ts";
import type { SessionState } from "../domain/session.ts";
import { summarize } from "../domain/summary.ts";
import type { Clock, SessionList, SessionStreams } from "../ports.ts";
import { toSessionMessage } from "./session-message.ts";

export type SessionsApiDependencies = {
  readonly networkId: string;
  readonly lifetimeMsMax: number;
  readonly streams: SessionStreams;
  readonly list: SessionList;
  readonly clock: Clock;
};

const PAGE_SIZE_DEFAULT = 50;
const PAGE_SIZE_MAX = 500;

export function createSessionsApi(dependencies: SessionsApiDependencies): sessions.SessionsServiceServer {
  return {
    grantSession: unary((request) => grantSession(dependencies, request)),
    revokeSession: unary((request) => revokeSession(dependencies, request)),
    getSession: unary((request) => getSession(dependencies, request)),
    listSessions: unary((request) => listSessions(dependencies, request)),
    reserveBudget: unary((request) => reserveBudget(dependencies, request)),
    releaseBudget: unary((request) => releaseBudget(dependencies, request)),
  };
}

async function grantSession(
  dependencies: SessionsApiDependencies,
  request: sessions.GrantSessionRequest,
): Promise<Result<sessions.GrantSessionResponse>> {
  const { clock, lifetimeMsMax, streams } = dependencies;
  const verified = verify(dependencies, request.intent, "session.grant");
  if (!verified.ok) return verified;
  const { intent, signed } = verified.value;
  const grant = parseSessionGrant(intent);
  if (!grant.ok) return grant;
  const sessionId = deriveSessionId(signed.intent);
  const { state: earlier } = await streams.load(sessionId);
  // The same signed bytes sent again are the same request: it gets the same answer.
  if (earlier.status !== "none") return answer(dependencies, earlier);
  const command = {
    type: "grant",
    sessionId,
    owner: intent.account,
    signer: signed.publicKey,
    grant: grant.value,
    text: describeIntent(intent),
    intent: signed,
    lifetimeMsMax,
    at: clock.now(),
  } as const;
  const handled = await streams.handle(sessionId, (state) => decide(command, state));
  if (handled.ok) return answer(dependencies, handled.value.state);
  // The same bytes at the same time: whoever came second gets the first one's answer, too.
  return handled.code === "SESSION_EXISTS"
    ? answer(dependencies, (await streams.load(sessionId)).state)
    : handled;
}

async function revokeSession(
  dependencies: SessionsApiDependencies,
  request: sessions.RevokeSessionRequest,
): Promise<Result<sessions.RevokeSessionResponse>> {
  const { clock, streams } = dependencies;
  const verified = verify(dependencies, request.intent, "session.revoke");
  if (!verified.ok) return verified;
  const { intent, signed } = verified.value;
  if (!bytesEqual(intent.account, signed.publicKey))
    return refuse("INTENT_SIGNATURE_INVALID", "a revocation is signed by the account it names", {
      needed: encodeBase58(intent.account),
      got: encodeBase58(signed.publicKey),
    });
  const sessionId = findIntentField(intent, "session");
  if (sessionId === undefined)
    return refuse("REQUEST_INVALID", "the intent names no session", { field: "session" });
  const command = { type: "revoke", signer: signed.publicKey, intent: signed, at: clock.now() } as const;
  const handled = await streams.handle(sessionId, (state) => decide(command, state));
  return handled.ok ? answer(dependencies, handled.value.state) : handled;
}

async function getSession(
  dependencies: SessionsApiDependencies,
  { sessionId }: sessions.GetSessionRequest,
): Promise<Result<sessions.GetSessionResponse>> {
  const { state } = await dependencies.streams.load(sessionId);
  return state.status === "none"
    ? refuse("SESSION_NOT_FOUND", "no such session", { sessionId })
    : answer(dependencies, state);
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

async function reserveBudget(
  { streams, clock }: SessionsApiDependencies,
  request: sessions.ReserveBudgetRequest,
): Promise<Result<sessions.ReserveBudgetResponse>> {
  if (request.messageHash.length !== 32)
    return refuse("REQUEST_INVALID", "a message hash has 32 bytes", {
      field: "message_hash",
      needed: 32,
      got: request.messageHash.length,
    });
  const messageHash = encodeHex(request.messageHash);
  const command = {
    type: "reserve",
    messageHash,
    transfers: request.transfers.map(({ from, to, lamports }) => ({
      from,
      to,
      lamports: parseLamports(lamports),
    })),
    feeLamports: parseLamports(request.feeLamports),
    signers: request.signers,
    programs: request.programs.map(encodeBase58),
    at: clock.now(),
  } as const;
  const handled = await streams.handle(request.sessionId, (state) => decide(command, state));
  if (!handled.ok) return handled;
  const { state } = handled.value;
  if (state.status === "none")
    return refuse("SESSION_NOT_FOUND", "no such session", { sessionId: request.sessionId });
  const { owner, grant, reservations } = state;
  return succeed({
    owner,
    sessionKey: grant.sessionKey,
    expiresMs: BigInt(grant.expiresAt),
    reservedLamports: reservations.get(messageHash) ?? 0n,
  });
}

async function releaseBudget(
  { streams, clock }: SessionsApiDependencies,
  request: sessions.ReleaseBudgetRequest,
): Promise<Result<sessions.ReleaseBudgetResponse>> {
  const command = {
    type: "release",
    messageHash: encodeHex(request.messageHash),
    reason: request.reason,
    at: clock.now(),
  } as const;
  const handled = await streams.handle(request.sessionId, (state) => decide(command, state));
  return handled.ok ? succeed({}) : handled;
}

function verify(
  dependencies: SessionsApiDependencies,
  signed: types.SignedIntent | undefined,
  purpose: IntentPurpose,
): Result<{ intent: Intent; signed: SignedIntent }> {
  if (signed === undefined)
    return refuse("REQUEST_INVALID", "the request has no intent", { field: "intent" });
  const { networkId, clock } = dependencies;
  const intent = verifyIntent(signed, { networkId, purpose, now: clock.now() });
  return intent.ok ? succeed({ intent: intent.value, signed }) : intent;
}

function answer(
  { clock }: SessionsApiDependencies,
  state: SessionState,
): Result<{ session: sessions.Session }> {
  return state.status === "none"
    ? refuse("SESSION_NOT_FOUND", "no such session")
    : succeed({ session: toSessionMessage(summarize(state), clock.now()) });
}
