/** What the api and the reactor need of others. */
import type { Decision, Result, UnixMs } from "@mira/primitives";
import type { SessionEvent, SessionState } from "./domain/session.ts";
import type { SessionSummary } from "./domain/summary.ts";

export type SessionStreams = {
  readonly load: (sessionId: string) => Promise<{ readonly state: SessionState }>;
  readonly handle: (
    sessionId: string,
    decide: (state: SessionState) => Decision<SessionEvent>,
  ) => Promise<Result<{ readonly state: SessionState }>>;
};

export type SessionQuery = {
  readonly owner?: Uint8Array;
  /** Only sessions that could act at this instant, as it was then: the answer to "who had permission?". */
  readonly activeAt?: UnixMs;
  readonly limit: number;
  readonly afterNumber: bigint;
};

export type SessionPage = {
  readonly sessions: readonly SessionSummary[];
  readonly nextNumber: bigint | undefined;
};
export type SessionList = { readonly list: (query: SessionQuery) => Promise<SessionPage> };
export type Clock = { readonly now: () => UnixMs };
