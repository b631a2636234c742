/** mira.sessions.session.revoked.v1: from here on the session is asked for anew, and refused. */
import { events } from "@mira/api";

export const SESSION_REVOKED = "mira.sessions.session.revoked.v1";

export function readRevokedSession(payload: Uint8Array): string {
  return events.SessionRevoked.decode(payload).sessionId;
}
