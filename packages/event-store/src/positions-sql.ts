/**
 * Positions in the store, and how far readers may go, in PL/pgSQL.
 *
 * A position is `number of the append << 16 | place within the append`; the number comes from a sequence. Appends draw numbers in one
 * order and commit in another, so a reader that took what it saw would skip a slow committer. Therefore an append first looks at the
 * sequence (its floor), then announces the floor with a shared advisory lock that lives as long as its transaction, and only then draws.
 * A reader looks at the sequence, then at the floors announced, and THEN takes the snapshot it reads with. It goes no further than the
 * lowest of them (`horizon`): an append that draws at or below it has ended, for its lock was taken before the draw and is released after
 * its commit is visible; an append that announces later draws above. So nothing ever appears below what a reader has seen, no append
 * waits for another, and readers wait for unfinished appends to this schema only.
 *
 * The well-known other way, to stop below pg_snapshot_xmin, lets any open transaction on the whole server hold up every reader, and
 * needs cursors made of transaction id and position: ids, too, are given in one order and committed in another.
 */

/** A lock's key has 31 bits for the floor; the rest is known, since no append stays open while 2^30 others begin. */
const FLOOR_MASK = "2147483647";

export const POSITIONS = `
CREATE OR REPLACE FUNCTION %S%.append_class() RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT hashtext('mira:append:%S%') $$;

CREATE OR REPLACE FUNCTION %S%.horizon() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_last bigint;
  v_floor bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'gap-safe reads need READ COMMITTED, not %', current_setting('transaction_isolation');
  END IF;
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION 'gap-safe reads need the primary: a standby does not know the locks of open appends';
  END IF;
  v_last := coalesce(pg_sequence_last_value('%S%.appends'), 0);
  SELECT min(v_last - ((v_last - l.objid::bigint) & ${FLOOR_MASK}))
    INTO v_floor
    FROM pg_locks l
   WHERE l.locktype = 'advisory' AND l.objsubid = 2
     AND l.classid = (%S%.append_class()::bigint & 4294967295)::oid
     AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
     AND ((v_last - l.objid::bigint) & ${FLOOR_MASK}) < 1073741824;
  RETURN (least(v_floor, v_last) + 1) << 16;
END $$;

CREATE OR REPLACE FUNCTION %S%.read_events(p_after bigint, p_limit integer, p_types text[]) RETURNS SETOF %S%.events LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_horizon bigint;
BEGIN
  v_horizon := %S%.horizon();
  RETURN QUERY SELECT e.* FROM %S%.events e
    WHERE e.position >= (p_after >> 16) << 16 AND e.position < v_horizon AND e.position + e.event_count - 1 > p_after
      AND (p_types IS NULL OR e.types && p_types)
    ORDER BY e.position LIMIT p_limit;
END $$;

CREATE OR REPLACE FUNCTION %S%.read_outbox(p_after bigint, p_limit integer) RETURNS SETOF %S%.events LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_horizon bigint;
BEGIN
  v_horizon := %S%.horizon();
  RETURN QUERY SELECT e.* FROM %S%.events e
    WHERE e.outbox IS NOT NULL AND e.position >= (p_after >> 16) << 16 AND e.position < v_horizon
      AND ((e.position >> 16) << 16) + e.outbox_place + e.outbox_count - 1 > p_after
    ORDER BY e.position LIMIT p_limit;
END $$;
`;

/** Nobody takes these locks exclusively, so trying always succeeds. */
export const ANNOUNCE_FLOOR = `pg_try_advisory_xact_lock_shared(%S%.append_class(), (coalesce(pg_sequence_last_value('%S%.appends'), 0) & ${FLOOR_MASK})::integer)`;

/** Announce, then draw. */
export const DRAW_BASE = `
  IF NOT ${ANNOUNCE_FLOOR} THEN
    RAISE EXCEPTION 'the lock class of appends to %S% is used by something else';
  END IF;
  v_base := nextval('%S%.appends') << 16;`;
