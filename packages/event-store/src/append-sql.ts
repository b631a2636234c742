/**
 * The functions that append, in PL/pgSQL: one call checks the fence and the expected versions and inserts events and outbox rows, so
 * an append is one round trip and one flush. Positions: see positions-sql.ts.
 *
 * Who comes first in a stream is settled by its unique index on (stream, version): an append that did not see another's events collides
 * with them. The head of the stream is read before a position is drawn, so positions rise with versions.
 *
 * The fence is a shared advisory lock held to the end of the transaction, then a look at the epoch. A takeover holds the same lock
 * exclusively while it raises the epoch: it comes wholly before the check or wholly after the commit. Each statement in a volatile
 * function sees what was committed when it began, but only under READ COMMITTED; under a stricter level the look could be older than the
 * lock, so that is refused.
 */
import { DRAW_BASE } from "./positions-sql.ts";

const DECLARE = `
DECLARE
  v_floor bigint;
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
      outcome := 'not-leader'; head := coalesce(v_epoch, 0); RETURN;
    END IF;
  END IF;`;

const SUPPORT = `
CREATE OR REPLACE FUNCTION %S%.lease_key(name text) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$ SELECT hashtextextended('mira:lease:%S%:' || name, 0) $$;
`;

const APPEND_EVENT = `
CREATE OR REPLACE FUNCTION %S%.append_event(
  p_fence text, p_epoch bigint, p_stream text, p_expected bigint,
  p_id uuid, p_type text, p_schema_version integer, p_traceparent text, p_payload bytea,
  p_out_id text, p_out_subject text, p_out_headers text, p_out_payload bytea,
  OUT outcome text, OUT stream text, OUT head bigint, OUT last_position bigint) LANGUAGE plpgsql AS $$
${DECLARE}
BEGIN
  ${CHECK_FENCE}
  IF p_expected < 0 THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('mira:stream:%S%:' || p_stream, 0));
  END IF;
  SELECT e.version INTO head FROM %S%.events e WHERE e.stream = p_stream ORDER BY e.version DESC LIMIT 1;
  head := coalesce(head, 0);
  IF p_expected >= 0 AND head <> p_expected THEN
    outcome := 'conflict'; stream := p_stream; RETURN;
  END IF;
  ${DRAW_BASE}
  INSERT INTO %S%.events (position, version, id, schema_version, stream, type, traceparent, payload)
    VALUES (v_base, head + 1, p_id, p_schema_version, p_stream, p_type, p_traceparent, p_payload);
  IF p_out_id IS NOT NULL THEN
    INSERT INTO %S%.outbox (position, event_position, id, subject, headers, payload)
      VALUES (v_base, CASE WHEN p_out_payload IS NULL THEN v_base END, p_out_id, p_out_subject, p_out_headers, p_out_payload);
  END IF;
  outcome := 'appended'; last_position := v_base;
END $$;
`;

const APPEND_EVENTS = `
CREATE OR REPLACE FUNCTION %S%.append_events(
  p_fence text, p_epoch bigint, p_streams text[], p_expected bigint[],
  p_places integer[], p_appends integer[], p_steps integer[], p_event_streams text[],
  p_ids uuid[], p_types text[], p_schema_versions integer[], p_traceparents text[], p_payloads bytea[],
  p_out_events integer[], p_out_ids text[], p_out_subjects text[], p_out_headers text[], p_out_payloads bytea[],
  OUT outcome text, OUT stream text, OUT head bigint, OUT heads bigint[], OUT last_position bigint) LANGUAGE plpgsql AS $$
${DECLARE}
BEGIN
  ${CHECK_FENCE}
  PERFORM pg_advisory_xact_lock(hashtextextended('mira:stream:%S%:' || a.stream, 0))
    FROM unnest(p_streams, p_expected) AS a(stream, expected) WHERE a.expected < 0 AND cardinality(p_streams) <= 64;
  SELECT array_agg(coalesce(h.version, 0) ORDER BY a.n),
         min(a.n) FILTER (WHERE a.expected >= 0 AND a.expected <> coalesce(h.version, 0))
    INTO heads, head
    FROM unnest(p_streams, p_expected) WITH ORDINALITY AS a(stream, expected, n)
    LEFT JOIN LATERAL (
      SELECT e.version FROM %S%.events e WHERE e.stream = a.stream ORDER BY e.version DESC LIMIT 1) h ON true;
  IF head IS NOT NULL THEN
    outcome := 'conflict'; stream := p_streams[head]; head := heads[head]; RETURN;
  END IF;
  ${DRAW_BASE}
  INSERT INTO %S%.events (position, version, id, schema_version, stream, type, traceparent, payload)
    SELECT v_base + e.place, heads[e.append] + e.step, e.id, e.schema_version, e.stream, e.type, e.traceparent, e.payload
      FROM unnest(p_places, p_appends, p_steps, p_event_streams, p_ids, p_types, p_schema_versions, p_traceparents, p_payloads)
        AS e(place, append, step, stream, id, type, schema_version, traceparent, payload);
  IF p_out_ids IS NOT NULL THEN
    INSERT INTO %S%.outbox (position, event_position, id, subject, headers, payload)
      SELECT v_base + o.n - 1, v_base + o.event, o.id, o.subject, o.headers, o.payload
        FROM unnest(p_out_events, p_out_ids, p_out_subjects, p_out_headers, p_out_payloads)
          WITH ORDINALITY AS o(event, id, subject, headers, payload, n);
  END IF;
  outcome := 'appended'; last_position := v_base + cardinality(p_ids) - 1;
END $$;
`;

/** `%S%` stands for the schema. */
export const APPEND_FUNCTIONS = SUPPORT + APPEND_EVENT + APPEND_EVENTS;
