/**
 * The functions that append, in PL/pgSQL: one call checks the fence and the expected versions and inserts events and outbox rows, so
 * an append is one round trip and one flush. Positions: see positions-sql.ts.
 *
 * Who comes first in a stream is settled by the unique index on (stream, first version): an append that did not see another's events collides
 * with them. The head of the stream is read before a position is drawn, so positions rise with versions.
 *
 * The fence is a shared advisory lock held to the end of the transaction, then a look at the epoch. A takeover holds the same lock
 * exclusively while it raises the epoch: it comes wholly before the check or wholly after the commit. Each statement in a volatile
 * function sees what was committed when it began, but only under READ COMMITTED; under a stricter level the look could be older than the
 * lock, so that is refused.
 */
import { ANNOUNCE_FLOOR, DRAW_BASE } from "./positions-sql.ts";

const DECLARE = `
DECLARE
  v_base bigint;
  v_epoch bigint;`;

const CHECK_FENCE = `
  IF p_fence IS NOT NULL THEN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
      RAISE EXCEPTION 'a fenced append needs READ COMMITTED, not %', current_setting('transaction_isolation');
    END IF;
    PERFORM pg_advisory_xact_lock_shared(%S%.lease_key(p_fence));
    SELECT l.epoch INTO v_epoch FROM %S%.leases l WHERE l.name = p_fence;
    IF v_epoch IS DISTINCT FROM p_epoch THEN
      RETURN 'not-leader:' || coalesce(v_epoch, 0) || ':';
    END IF;
  END IF;`;

const SUPPORT = `
CREATE OR REPLACE FUNCTION %S%.lease_key(name text) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$ SELECT hashtextextended('mira:lease:%S%:' || name, 0) $$;
`;

/** One stream. Answers `outcome:number:last position`; the number is the version before, or the epoch in force. */
const APPEND_ONE = `
CREATE OR REPLACE FUNCTION %S%.append_one(
  p_fence text, p_epoch bigint, p_stream text, p_expected bigint, p_count integer,
  p_types text[], p_payload_bytes integer, p_events bytea, p_outbox_count integer, p_outbox bytea) RETURNS text LANGUAGE plpgsql AS $$
${DECLARE}
  v_head bigint;
BEGIN
  ${CHECK_FENCE}
  IF p_expected < 0 THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('mira:stream:%S%:' || p_stream, 0));
  END IF;
  SELECT e.first_version + e.event_count - 1 INTO v_head FROM %S%.events e
    WHERE e.stream = p_stream ORDER BY e.first_version DESC LIMIT 1;
  v_head := coalesce(v_head, 0);
  IF p_expected >= 0 AND v_head <> p_expected THEN
    RETURN 'conflict:' || v_head || ':' || p_stream;
  END IF;
  ${DRAW_BASE}
  INSERT INTO %S%.events (position, first_version, event_count, outbox_count, outbox_place, payload_bytes, stream, types, events, outbox)
    VALUES (v_base, v_head + 1, p_count, p_outbox_count, 0, p_payload_bytes, p_stream, p_types, p_events, p_outbox);
  RETURN 'appended:' || v_head || ':' || (v_base + p_count - 1);
END $$;
`;

/** Several streams, in the order of their names; `places` number events and messages through the transaction in the caller's order. */
const APPEND_MANY = `
CREATE OR REPLACE FUNCTION %S%.append_many(
  p_fence text, p_epoch bigint, p_streams text[], p_expected bigint[], p_counts integer[], p_places integer[],
  p_types text[], p_payload_bytes integer[], p_events bytea[], p_outbox_counts integer[], p_outbox_places integer[], p_outbox bytea[])
RETURNS text LANGUAGE plpgsql AS $$
${DECLARE}
  v_heads bigint[];
  v_wrong integer;
  v_last integer;
BEGIN
  ${CHECK_FENCE}
  PERFORM pg_advisory_xact_lock(hashtextextended('mira:stream:%S%:' || a.stream, 0))
    FROM unnest(p_streams, p_expected) AS a(stream, expected) WHERE a.expected < 0 AND cardinality(p_streams) <= 64;
  SELECT array_agg(coalesce(h.version, 0) ORDER BY a.n), min(a.n) FILTER (WHERE a.expected >= 0 AND a.expected <> coalesce(h.version, 0))
    INTO v_heads, v_wrong
    FROM unnest(p_streams, p_expected) WITH ORDINALITY AS a(stream, expected, n)
    LEFT JOIN LATERAL (
      SELECT e.first_version + e.event_count - 1 AS version FROM %S%.events e
      WHERE e.stream = a.stream ORDER BY e.first_version DESC LIMIT 1) h ON true;
  IF v_wrong IS NOT NULL THEN
    RETURN 'conflict:' || v_heads[v_wrong] || ':' || p_streams[v_wrong];
  END IF;
  ${DRAW_BASE}
  INSERT INTO %S%.events (position, first_version, event_count, outbox_count, outbox_place, payload_bytes, stream, types, events, outbox)
    SELECT v_base + a.place, a.head + 1, a.count, a.outbox_count, a.outbox_place, a.payload_bytes, a.stream,
           string_to_array(a.types, chr(10)), a.events, a.outbox
      FROM unnest(p_streams, v_heads, p_counts, p_places, p_types, p_payload_bytes, p_events, p_outbox_counts, p_outbox_places, p_outbox)
        AS a(stream, head, count, place, types, payload_bytes, events, outbox_count, outbox_place, outbox);
  SELECT sum(c) - 1 INTO v_last FROM unnest(p_counts) AS c;
  RETURN 'appended:' || array_to_string(v_heads, ',') || ':' || (v_base + v_last);
END $$;
`;

/**
 * One stream at a version, no fence: a single INSERT. Its look at the head may be older than another's commit; then it collides. The CASE
 * keeps the order of look, announcement and draw.
 */
export const APPEND_PLAIN = `
INSERT INTO %S%.events (position, first_version, event_count, outbox_count, outbox_place, payload_bytes, stream, types, events, outbox)
SELECT CASE WHEN ${ANNOUNCE_FLOOR} THEN nextval('%S%.appends') << 16 END,
       $2::bigint + 1, $3, $7, 0, $5, $1, $4, $6, $8
 WHERE $2 = coalesce((SELECT e.first_version + e.event_count - 1 FROM %S%.events e
                       WHERE e.stream = $1 ORDER BY e.first_version DESC LIMIT 1), 0)
RETURNING stream, position + event_count - 1`;

/** The same for several streams, each by itself: a row comes back for each that had its version. One number is drawn for all. */
export const APPEND_MERGED = `
WITH draw AS MATERIALIZED (SELECT CASE WHEN ${ANNOUNCE_FLOOR} THEN nextval('%S%.appends') << 16 END AS base)
INSERT INTO %S%.events (position, first_version, event_count, outbox_count, outbox_place, payload_bytes, stream, types, events, outbox)
SELECT (SELECT base FROM draw) + a.place, a.expected + 1, a.count, a.outbox_count, a.outbox_place, a.payload_bytes, a.stream,
       string_to_array(a.types, chr(10)), a.events, a.outbox
  FROM unnest($1::text[], $2::bigint[], $3::integer[], $4::integer[], $5::text[], $6::integer[], $7::bytea[], $8::integer[], $9::integer[], $10::bytea[])
    AS a(stream, expected, count, place, types, payload_bytes, events, outbox_count, outbox_place, outbox)
 WHERE a.expected = coalesce((SELECT e.first_version + e.event_count - 1 FROM %S%.events e
                               WHERE e.stream = a.stream ORDER BY e.first_version DESC LIMIT 1), 0)
RETURNING stream, position + event_count - 1`;

/** `%S%` stands for the schema. */
export const APPEND_FUNCTIONS = SUPPORT + APPEND_ONE + APPEND_MANY;
