/**
 * Emmett, used as its documentation says: getPostgreSQLEventStore with a connection pool, schema created beforehand (so that no append
 * checks it), appendToStream with all events of a batch in one call, with the expected version. It writes no outbox.
 */
import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql";
import { EVENT_TYPE, openPool, PAYLOAD_JSON, type Contestant, type Server } from "./contestant.ts";

export async function openEmmett(server: Server): Promise<Contestant> {
  const migrating = getPostgreSQLEventStore(server.url);
  await migrating.schema.migrate();
  await migrating.close();
  const pool = await openPool(server);
  const store = getPostgreSQLEventStore(server.url, {
    schema: { autoMigration: "None" },
    connectionOptions: { pooled: true, pool },
  });
  return {
    name: "emmett-postgresql",
    async append({ category, id }, version, count) {
      const events = Array.from({ length: count }, () => ({ type: EVENT_TYPE, data: PAYLOAD_JSON }));
      await store.appendToStream(`${category}-${id}`, events, {
        expectedStreamVersion: version === 0 ? "STREAM_DOES_NOT_EXIST" : BigInt(version),
      });
    },
    async close() {
      await store.close();
      if (!pool.ended) await pool.end();
    },
  };
}
