/** Verifications as event streams `verification-<id>`, their read model and their messages. */
import { createRepository, type EventStore, type Repository } from "@mira/event-store";
import {
  evolve,
  initialState,
  type VerificationEvent,
  type VerificationState,
} from "../domain/verification.ts";
import { listGold } from "../domain/probe-answers.ts";
import { writeGold } from "./gold.ts";
import { decodeVerificationEvent, encodeVerificationEvent } from "./verification-events.ts";
import type { VerificationTable } from "./verification-table.ts";

/** What is others' business. What validators may know, and when, goes through the api. */
const SUBJECTS: Readonly<Record<string, string>> = {
  DrawFixed: "mira.verifier.draw.fixed.v1",
  FaultsFound: "mira.verifier.faults.found.v1",
  AttestationsScored: "mira.verifier.attestations.scored.v1",
  ProbesScored: "mira.verifier.probes.scored.v1",
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
    project: async (client, { state, events }) => {
      if (state.status === "none") return;
      await table.write(client, state);
      if (events.some(({ type }) => type === "ProbesScored"))
        await writeGold(client, state.opened.terms.domain, listGold(state));
    },
  });
}
