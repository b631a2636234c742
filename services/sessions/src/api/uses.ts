/** Uses of a session: reserved, released, explained, and bounded. */
import { sessions } from "@mira/api";
import { computeExposure, parseGrant, UNUSED, type Exposure, type Link, type Verdict } from "@mira/authority";
import { decodeIntent, encodeHex, refuse, succeed, type Result } from "@mira/primitives";
import { findTraceId } from "../telemetry.ts";
import { decideRelease, decideReserve, judge, type ReserveCommand } from "../domain/decide-use.ts";
import { listChain, toLinks } from "../domain/session.ts";
import { toKey } from "../domain/summary.ts";
import type { LoadedTree } from "../ports.ts";
import type { SessionsApiDependencies } from "./dependencies.ts";
import { readUse } from "./use-request.ts";

export async function reserveBudget(
  dependencies: SessionsApiDependencies,
  request: sessions.ReserveBudgetRequest,
): Promise<Result<sessions.ReserveBudgetResponse>> {
  const { trees, clock } = dependencies;
  const at = clock.now();
  const use = readUse(request, at);
  if (!use.ok) return use;
  const { sessionId } = request;
  const messageHash = encodeHex(request.messageHash);
  let decidedOn: LoadedTree | undefined;
  const handled = await trees.handle(sessionId, undefined, (loaded) => {
    decidedOn = loaded;
    const { state, authority } = loaded;
    return decideReserve({ sessionId, messageHash, request: use.value, authority }, state);
  });
  if (!handled.ok) {
    if (
      decidedOn !== undefined &&
      decidedOn.state.status !== "none" &&
      handled.code !== "TRANSACTION_DUPLICATE"
    )
      await recordRefused(dependencies, request, { ...decidedOn, at });
    return { ...handled, details: { ...handled.details, decision: messageHash } };
  }
  const { state } = handled.value;
  const session = state.status === "none" ? undefined : state.sessions.get(sessionId);
  const held = state.status === "none" ? undefined : state.held.get(messageHash)?.use;
  if (session === undefined) return refuse("SESSION_NOT_FOUND", "no such session", { sessionId });
  return succeed({
    owner: session.owner,
    sessionKey: toKey(session.grant.sessionKey),
    expiresMs: BigInt(session.grant.expiresAt),
    reservedLamports: (held?.spends.get("lamports") ?? 0n) + (held?.feeLamports ?? 0n),
  });
}

export async function releaseBudget(
  { trees, clock }: SessionsApiDependencies,
  request: sessions.ReleaseBudgetRequest,
): Promise<Result<sessions.ReleaseBudgetResponse>> {
  const command = { messageHash: encodeHex(request.messageHash), reason: request.reason, at: clock.now() };
  const handled = await trees.handle(request.sessionId, undefined, ({ state }) =>
    decideRelease(command, state),
  );
  return handled.ok ? succeed({}) : handled;
}

export async function explainDecision(
  dependencies: SessionsApiDependencies,
  { about }: sessions.ExplainDecisionRequest,
): Promise<Result<sessions.ExplainDecisionResponse>> {
  if (about === undefined)
    return refuse("REQUEST_INVALID", "the request names neither a use nor a refusal", { field: "about" });
  if (about.$case === "refused") return explainRefused(dependencies, about.value);
  const at = dependencies.clock.now();
  const use = readUse(about.value, at);
  if (!use.ok) return use;
  const { sessionId } = about.value;
  const loaded = await dependencies.trees.load(sessionId);
  if (loaded.state.status === "none" || !loaded.state.sessions.has(sessionId))
    return refuse("SESSION_NOT_FOUND", "no such session", { sessionId });
  return succeed(toExplanation(loaded, { sessionId, request: use.value, messageHash: "" }, ""));
}

/** The same decision once more, on the events that there were: what is said depends on the log alone. */
async function explainRefused(
  { trees, refusedUses }: SessionsApiDependencies,
  messageHash: Uint8Array,
): Promise<Result<sessions.ExplainDecisionResponse>> {
  const refused = await refusedUses.find(encodeHex(messageHash));
  if (refused === undefined)
    return refuse("NOT_FOUND", "no refusal of this transaction is kept", { message: encodeHex(messageHash) });
  const { rootId, version, authority, at, traceId } = refused;
  const request = sessions.ReserveBudgetRequest.decode(refused.request);
  const use = readUse(request, at);
  if (!use.ok) return use;
  const state = await trees.loadAt(rootId, version);
  const command = { sessionId: request.sessionId, request: use.value, messageHash: refused.messageHash };
  return succeed(toExplanation({ rootId, version, authority, state }, command, traceId));
}

export async function getExposure(
  { trees, clock }: SessionsApiDependencies,
  { of }: sessions.GetExposureRequest,
): Promise<Result<sessions.GetExposureResponse>> {
  if (of === undefined)
    return refuse("REQUEST_INVALID", "the request names neither a session nor an intent", { field: "of" });
  if (of.$case === "sessionId") {
    const { state, authority } = await trees.load(of.value);
    const chain = state.status === "none" ? [] : listChain(state, of.value);
    if (chain.length === 0) return refuse("SESSION_NOT_FOUND", "no such session", { sessionId: of.value });
    return succeed({ exposures: toMessages(toLinks(chain, authority), clock.now()) });
  }
  const intent = decodeIntent(of.value);
  if (!intent.ok) return intent;
  const grant = parseGrant(intent.value);
  if (!grant.ok) return grant;
  const { parent } = grant.value;
  const { state, authority } = await trees.load(parent ?? "");
  const above =
    parent === undefined || state.status === "none" ? [] : toLinks(listChain(state, parent), authority);
  const link: Link = { sessionId: "", owner: "", grant: grant.value, usage: UNUSED, endedAt: undefined };
  return succeed({ exposures: toMessages([...above, link], clock.now()) });
}

function toMessages(chain: readonly Link[], now: Parameters<typeof computeExposure>[1]): sessions.Exposure[] {
  return computeExposure(chain, now).map(({ asset, open, inFlight, until }: Exposure) => ({
    asset,
    open: String(open),
    inFlight: String(inFlight),
    untilMs: BigInt(until),
  }));
}

async function recordRefused(
  { refusedUses }: SessionsApiDependencies,
  request: sessions.ReserveBudgetRequest,
  { rootId, version, authority, at }: LoadedTree & { readonly at: ReserveCommand["request"]["at"] },
): Promise<void> {
  await refusedUses.record({
    messageHash: encodeHex(request.messageHash),
    rootId,
    version,
    authority,
    request: sessions.ReserveBudgetRequest.encode(request).finish(),
    at,
    traceId: findTraceId(),
  });
}

function toExplanation(
  { rootId, version, authority, state }: LoadedTree,
  command: Omit<ReserveCommand, "authority">,
  traceId: string,
): sessions.ExplainDecisionResponse {
  const verdict: Verdict = judge({ ...command, authority }, state);
  const where = {
    stream: `session-${rootId}`,
    version: BigInt(version),
    decidedMs: BigInt(command.request.at),
    traceId,
  };
  if (!verdict.allowed) return { ...verdict, ...where, reserved: [] };
  const { spends, feeLamports } = verdict.reservation;
  const reserved = [...spends, ["lamports, as fee", feeLamports] as const].map(([asset, amount]) => ({
    asset,
    amount,
  }));
  const nothing = {
    code: "",
    sessionId: command.sessionId,
    rule: "",
    caveat: "",
    needed: "",
    had: "",
    alternative: "",
  };
  return { allowed: true, ...nothing, ...where, reserved };
}
