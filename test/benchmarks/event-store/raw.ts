/**
 * The limit of a row for each event: one INSERT through unnest, binary arrays, two indexes, and nothing else: no check of the expected
 * version, no outbox, no fence, no gap-safe position. A store that packs an append into one row can pass it.
 */
import { randomUUID } from "node:crypto";
import { encodeByteaArray, encodeInt8Array, encodeTextArray } from "@mira/event-store";
import { EVENT_TYPE, openPool, PAYLOAD_BYTES, type Contestant, type Server } from "./contestant.ts";

const TABLE = `
CREATE TABLE raw (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  version bigint NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  id uuid NOT NULL,
  schema_version integer NOT NULL DEFAULT 1,
  stream text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  traceparent text,
  payload bytea NOT NULL);
CREATE UNIQUE INDEX ON raw (stream, version);`;

const INSERT_MANY = `INSERT INTO raw (version, id, stream, type, payload)
  SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::bytea[])`;

export async function openRaw(server: Server): Promise<Contestant> {
  const pool = await openPool(server);
  await pool.query(TABLE);
  return {
    name: "raw",
    async append({ category, id }, version, count) {
      const stream = `${category}-${id}`;
      if (count === 1)
        await pool.query({
          name: "raw_one",
          text: "INSERT INTO raw (version, id, stream, type, payload) VALUES ($1, $2, $3, $4, $5)",
          values: [version + 1, randomUUID(), stream, EVENT_TYPE, PAYLOAD_BYTES],
        });
      else
        await pool.query({
          name: "raw_many",
          text: INSERT_MANY,
          values: encodeRows(
            Array.from({ length: count }, () => stream),
            version,
          ),
        });
    },
    async appendToMany(streams) {
      const names = streams.map(({ category, id }) => `${category}-${id}`);
      await pool.query({ name: "raw_many", text: INSERT_MANY, values: encodeRows(names, 0) });
    },
    close: () => pool.end(),
  };
}

/** One row each; rows of one stream have rising versions. */
function encodeRows(streams: readonly string[], version: number): unknown[] {
  return [
    encodeInt8Array(streams.map((_, index) => version + index + 1)),
    streams.map(() => randomUUID()),
    encodeTextArray([...streams]),
    encodeTextArray(streams.map(() => EVENT_TYPE)),
    encodeByteaArray(streams.map(() => PAYLOAD_BYTES)),
  ];
}
