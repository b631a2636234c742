/** Sessions as the sessions service knows them, kept until they end or are revoked. */
import { refuse, succeed, type Refusal, type Result } from "@mira/primitives";
import { accountKey } from "@mira/runtime/wire";
import type { Sessions, SessionView } from "../ports.ts";

const SESSIONS_MAX = 8_192;

export class SessionCache {
  readonly #sessions: Pick<Sessions, "readSession">;
  readonly #known = new Map<string, SessionView>();

  constructor(sessions: Pick<Sessions, "readSession">) {
    this.#sessions = sessions;
  }

  async load(id: string, now: number): Promise<Result<SessionView>> {
    const known = this.#known.get(id);
    if (known !== undefined && now < known.expiresAt) return succeed(known);
    const read = await this.#sessions.readSession(id);
    if (!read.ok) return read;
    if (this.#known.size >= SESSIONS_MAX) this.#known.clear();
    this.#known.set(id, read.value);
    return read;
  }

  /** From here on the session authorizes nothing; what is asked next is asked anew. */
  forget(id: string): void {
    this.#known.delete(id);
  }
}

/** A straight column of refusals: whether this session may stand in for the fee payer now. */
export function checkSession(session: SessionView, payer: string, now: number): Refusal | undefined {
  const details = { sessionId: session.id };
  if (session.isRevoked) return refuse("SESSION_REVOKED", "The session was revoked.", details);
  if (now >= session.expiresAt) return refuse("SESSION_EXPIRED", "The session's end has come.", details);
  if (now < session.startsAt)
    return refuse("SESSION_NOT_STARTED", "The session's start has not come.", details);
  if (accountKey(session.owner) !== payer)
    return refuse("SESSION_ACTION_DENIED", "The fee payer is not the session's owner.", details);
  return undefined;
}
