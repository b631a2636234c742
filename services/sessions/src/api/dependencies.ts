/** What the handlers work with, and what several of them do alike. */
import type { sessions, types } from "@mira/api";
import {
  refuse,
  succeed,
  verifyIntent,
  type Intent,
  type IntentPurpose,
  type Result,
  type SignedIntent,
} from "@mira/primitives";
import { summarize } from "../domain/summary.ts";
import type { Authorities, Clock, LoadedTree, RefusedUses, SessionList, SessionTrees } from "../ports.ts";
import { toSessionMessage } from "./session-message.ts";

export type SessionsApiDependencies = {
  readonly networkId: string;
  readonly lifetimeMsMax: number;
  readonly trees: SessionTrees;
  readonly authorities: Authorities;
  readonly refusedUses: RefusedUses;
  readonly list: SessionList;
  readonly clock: Clock;
};

export type Verified = { readonly intent: Intent; readonly signed: SignedIntent };

export function verify(
  { networkId, clock }: SessionsApiDependencies,
  signed: types.SignedIntent | undefined,
  purpose: IntentPurpose,
): Result<Verified> {
  if (signed === undefined)
    return refuse("REQUEST_INVALID", "the request has no intent", { field: "intent" });
  const intent = verifyIntent(signed, { networkId, purpose, now: clock.now() });
  return intent.ok ? succeed({ intent: intent.value, signed }) : intent;
}

export function answer(
  { clock }: SessionsApiDependencies,
  { state, authority }: LoadedTree,
  sessionId: string,
): Result<{ session: sessions.Session }> {
  const session = state.status === "none" ? undefined : state.sessions.get(sessionId);
  return session === undefined
    ? refuse("SESSION_NOT_FOUND", "no such session", { sessionId })
    : succeed({ session: toSessionMessage(summarize(session, authority), clock.now()) });
}
