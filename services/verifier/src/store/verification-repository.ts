/** Verifications as event streams `verification-<id>`, their read model and their messages. */
import { createRepository, type EventStore, type Repository } from "@mira/event-store";
import {
  evolve,
  initialState,
  type VerificationEvent,
  type VerificationState,
} from "../domain/verification.ts";
import { decodeVerificationEvent, encodeVerificationEvent } from "./verification-events.ts";
import type { VerificationTable } from "./verification-table.ts";

/** Only the certificate is others' business: what validators may know, and when, goes through the api. */
const SUBJECTS: Readonly<Record<string, string>> = {
  CertificateIssued: "mira.verifier.certificate.issued.v1",
};

export type OnDecided = (outcome: string, events: readonly VerificationEvent[]) => void;

export function createVerificationRepository(
  store: EventStore,
  table: VerificationTable,
  onDecided: OnDecided,
): Repository<VerificationState, VerificationEvent> {
  return createRepository<VerificationState, VerificationEvent>({
    store,
    category: "verification",
    initialState,
    evolve,
    encode: encodeVerificationEvent,
    decode: decodeVerificationEvent,
    onDecided,
    subjectOf: (type) => SUBJECTS[type],
    project: async (client, { state }) => {
      if (state.status !== "none") await table.write(client, state);
    },
  });
}
