/** Sessions as event streams `session-<id>`, their read model and their messages. */
import { createRepository, type EventStore, type Repository } from "@mira/event-store";
import { evolve, initialState, type SessionEvent, type SessionState } from "../domain/session.ts";
import { summarize } from "../domain/summary.ts";
import { decodeSessionEvent, encodeSessionEvent } from "./session-events.ts";
import type { SessionTable } from "./session-table.ts";

export type SessionRepository = Repository<SessionState, SessionEvent>;

/** Whom others hear of; reservations are between the sequencer and this service alone. */
const SUBJECTS: Readonly<Record<string, string>> = {
  SessionGranted: "mira.sessions.session.granted.v1",
  SessionRevoked: "mira.sessions.session.revoked.v1",
};

export type OnDecided = (outcome: string, events: readonly SessionEvent[]) => void;

export function createSessionRepository(
  store: EventStore,
  table: SessionTable,
  onDecided: OnDecided,
): SessionRepository {
  return createRepository<SessionState, SessionEvent>({
    store,
    category: "session",
    initialState,
    evolve,
    encode: encodeSessionEvent,
    decode: decodeSessionEvent,
    onDecided,
    subjectOf: (type) => SUBJECTS[type],
    project: async (client, { state }) => {
      if (state.status !== "none") await table.write(client, summarize(state));
    },
  });
}
