/** Ours: one outbox message for every event, in the same transaction. */
import { randomUUID } from "node:crypto";
import { unwrap } from "@mira/primitives";
import { openEventStore } from "@mira/event-store";
import { EVENT_TYPE, openPool, PAYLOAD_BYTES, type Contestant, type Server } from "./contestant.ts";

const SUBJECT = "mira.bench.account.credited.v1";

export async function openMira(server: Server): Promise<Contestant> {
  const pool = await openPool(server);
  const store = openEventStore({ pool, schema: "bench" });
  await store.migrate();
  return {
    name: "mira",
    async append({ category, id }, version, count) {
      const events = Array.from({ length: count }, () => ({
        id: randomUUID(),
        type: EVENT_TYPE,
        schemaVersion: 1,
        payload: PAYLOAD_BYTES,
      }));
      const outbox = events.map((event) => ({
        id: event.id,
        subject: SUBJECT,
        payload: event.payload,
      }));
      unwrap(await store.append({ stream: `${category}-${id}`, expectedVersion: version, events, outbox }));
    },
    async appendToMany(streams) {
      const appends = streams.map(({ category, id }) => {
        const event = { id: randomUUID(), type: EVENT_TYPE, schemaVersion: 1, payload: PAYLOAD_BYTES };
        const outbox = [{ id: event.id, subject: SUBJECT, payload: event.payload }];
        return { stream: `${category}-${id}`, expectedVersion: 0, events: [event], outbox };
      });
      unwrap(await store.appendBatch(appends));
    },
    close: () => pool.end(),
  };
}
