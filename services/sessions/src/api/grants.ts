/** Signed intents in: grant, amend, revoke, and the end of an authority epoch. */
import type { sessions } from "@mira/api";
import { parseGrant } from "@mira/authority";
import {
  accept,
  bytesEqual,
  deriveSessionId,
  describeIntent,
  encodeBase58,
  findIntentField,
  refuse,
  succeed,
  type Refusal,
  type Result,
} from "@mira/primitives";
import { decideAmend, decideGrant, decideRevoke, refuseEpoch } from "../domain/decide.ts";
import { answer, verify, type SessionsApiDependencies, type Verified } from "./dependencies.ts";

export async function grantSession(
  dependencies: SessionsApiDependencies,
  request: sessions.GrantSessionRequest,
): Promise<Result<sessions.GrantSessionResponse>> {
  const { clock, lifetimeMsMax, trees } = dependencies;
  const verified = verify(dependencies, request.intent, "session.grant");
  if (!verified.ok) return verified;
  const { intent, signed } = verified.value;
  const grant = parseGrant(intent);
  if (!grant.ok) return grant;
  const sessionId = deriveSessionId(signed.intent);
  // The same signed bytes sent again are the same request: it gets the same answer.
  const earlier = await trees.load(sessionId);
  if (answer(dependencies, earlier, sessionId).ok) return answer(dependencies, earlier, sessionId);
  const { account, epoch } = intent;
  const stated = { sessionId, account, epoch, grant: grant.value, text: describeIntent(intent) };
  const command = { ...stated, signer: signed.publicKey, intent: signed, lifetimeMsMax, at: clock.now() };
  const from = grant.value.parent ?? grant.value.replaces ?? sessionId;
  const handled = await trees.handle(from, account, ({ state, authority }) =>
    decideGrant({ ...command, authority }, state),
  );
  if (handled.ok) return answer(dependencies, handled.value, sessionId);
  // The same bytes at the same time: whoever came second gets the first one's answer, too.
  return handled.code === "SESSION_EXISTS"
    ? answer(dependencies, await trees.load(from), sessionId)
    : handled;
}

export async function amendSession(
  dependencies: SessionsApiDependencies,
  request: sessions.AmendSessionRequest,
): Promise<Result<sessions.AmendSessionResponse>> {
  const verified = verify(dependencies, request.intent, "session.amend");
  if (!verified.ok) return verified;
  const { intent } = verified.value;
  const sessionId = findIntentField(intent, "session");
  if (sessionId === undefined || intent.fields[0]?.[0] !== "session") return refuseNoSession();
  const grant = parseGrant({ ...intent, fields: intent.fields.slice(1) });
  if (!grant.ok) return grant;
  const command = { sessionId, epoch: intent.epoch, grant: grant.value, ...signedBy(verified.value) };
  const at = dependencies.clock.now();
  const wrong = refuseOther(verified.value);
  if (wrong !== undefined) return wrong;
  const handled = await dependencies.trees.handle(sessionId, undefined, ({ state, authority }) =>
    decideAmend({ ...command, authority, at }, state),
  );
  return handled.ok ? answer(dependencies, handled.value, sessionId) : handled;
}

export async function revokeSession(
  dependencies: SessionsApiDependencies,
  request: sessions.RevokeSessionRequest,
): Promise<Result<sessions.RevokeSessionResponse>> {
  const verified = verify(dependencies, request.intent, "session.revoke");
  if (!verified.ok) return verified;
  const wrong = refuseOther(verified.value);
  if (wrong !== undefined) return wrong;
  const sessionId = findIntentField(verified.value.intent, "session");
  if (sessionId === undefined) return refuseNoSession();
  const at = dependencies.clock.now();
  const handled = await dependencies.trees.handle(sessionId, undefined, ({ state, authority }) =>
    decideRevoke({ sessionId, ...signedBy(verified.value), authority, at }, state),
  );
  return handled.ok ? answer(dependencies, handled.value, sessionId) : handled;
}

/** The intent names the epoch that it ends, so presented again it ends nothing. */
export async function advanceAuthority(
  dependencies: SessionsApiDependencies,
  request: sessions.AdvanceAuthorityRequest,
): Promise<Result<sessions.AdvanceAuthorityResponse>> {
  const verified = verify(dependencies, request.intent, "authority.advance");
  if (!verified.ok) return verified;
  const wrong = refuseOther(verified.value);
  if (wrong !== undefined) return wrong;
  const { intent, signed } = verified.value;
  const { account: owner, epoch } = intent;
  const at = dependencies.clock.now();
  const advanced = await dependencies.authorities.advance(
    owner,
    (authority) =>
      refuseEpoch(epoch, authority) ??
      accept({ type: "AuthorityAdvanced", owner, epoch: epoch + 1, intent: signed, at }),
  );
  return advanced.ok ? succeed({ epoch: BigInt(advanced.value.epoch) }) : advanced;
}

function signedBy({ signed }: Verified) {
  return { signer: signed.publicKey, intent: signed };
}

function refuseOther({ intent, signed }: Verified): Refusal | undefined {
  if (bytesEqual(intent.account, signed.publicKey)) return undefined;
  return refuse("INTENT_SIGNATURE_INVALID", "an intent is signed by the account it names", {
    needed: encodeBase58(intent.account),
    got: encodeBase58(signed.publicKey),
  });
}

function refuseNoSession(): Refusal {
  return refuse("REQUEST_INVALID", "the intent names no session", { field: "session" });
}
