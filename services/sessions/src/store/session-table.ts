/** The read model: one row a session, written in the transaction of the append. */
import { parseLamports, parseUnixMs } from "@mira/primitives";
import { Kysely, PostgresDialect, type Generated, type Selectable } from "kysely";
import type { Pool, PoolClient } from "pg";
import type { SessionSummary } from "../domain/summary.ts";
import type { SessionList, SessionPage, SessionQuery } from "../ports.ts";

type SessionRow = {
  readonly number: Generated<string>;
  readonly session_id: string;
  readonly root_id: string;
  readonly parent_id: string;
  readonly epoch: string;
  readonly caveats: string[];
  readonly owner: Buffer;
  readonly session_key: Buffer;
  readonly recipients: Buffer[];
  readonly limit_lamports: string;
  readonly spent_lamports: string;
  readonly reserved_lamports: string;
  readonly starts_ms: string;
  readonly expires_ms: string;
  readonly granted_ms: string;
  readonly revoked_ms: string | null;
  readonly text: string;
};
type Tables = { readonly "sessions.sessions": SessionRow };

export type SessionTable = SessionList & {
  readonly migrate: () => Promise<void>;
  readonly write: (client: PoolClient, rootId: string, session: SessionSummary) => Promise<void>;
  /** The grant that a session comes from, whose stream tells of it; its own id where there is none. */
  readonly findRoot: (sessionId: string) => Promise<string>;
};

const MIGRATION = `
  CREATE TABLE IF NOT EXISTS sessions.sessions (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id text NOT NULL UNIQUE,
    owner bytea NOT NULL,
    session_key bytea NOT NULL,
    recipients bytea[] NOT NULL,
    limit_lamports numeric NOT NULL,
    spent_lamports numeric NOT NULL,
    reserved_lamports numeric NOT NULL,
    starts_ms bigint NOT NULL,
    expires_ms bigint NOT NULL,
    granted_ms bigint NOT NULL,
    revoked_ms bigint,
    text text NOT NULL
  );
  ALTER TABLE sessions.sessions ADD COLUMN IF NOT EXISTS root_id text NOT NULL DEFAULT '';
  ALTER TABLE sessions.sessions ADD COLUMN IF NOT EXISTS parent_id text NOT NULL DEFAULT '';
  ALTER TABLE sessions.sessions ADD COLUMN IF NOT EXISTS epoch bigint NOT NULL DEFAULT 0;
  ALTER TABLE sessions.sessions ADD COLUMN IF NOT EXISTS caveats text[] NOT NULL DEFAULT '{}';
  CREATE INDEX IF NOT EXISTS sessions_by_owner ON sessions.sessions (owner, number)`;

export function openSessionTable(pool: Pool): SessionTable {
  const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return {
    migrate: async () => {
      await pool.query(MIGRATION);
    },
    write: (client, rootId, session) => writeSession(database, client, rootId, session),
    findRoot: (sessionId) => findRoot(database, sessionId),
    list: (query) => listSessions(database, query),
  };
}

async function writeSession(
  database: Kysely<Tables>,
  client: PoolClient,
  rootId: string,
  session: SessionSummary,
): Promise<void> {
  const changing = {
    spent_lamports: String(session.spent),
    reserved_lamports: String(session.reserved),
    expires_ms: String(session.expiresAt),
    limit_lamports: String(session.limit),
    recipients: session.recipients.map((recipient) => Buffer.from(recipient)),
    caveats: [...session.caveats],
    revoked_ms: session.revokedAt === undefined ? null : String(session.revokedAt),
  };
  const query = database
    .insertInto("sessions.sessions")
    .values({
      session_id: session.sessionId,
      root_id: rootId,
      parent_id: session.parentId,
      epoch: String(session.epoch),
      owner: Buffer.from(session.owner),
      session_key: Buffer.from(session.sessionKey),
      starts_ms: String(session.startsAt),
      granted_ms: String(session.grantedAt),
      text: session.text,
      ...changing,
    })
    .onConflict((conflict) => conflict.column("session_id").doUpdateSet(changing))
    .compile();
  await client.query(query.sql, [...query.parameters]);
}

async function findRoot(database: Kysely<Tables>, sessionId: string): Promise<string> {
  const row = await database
    .selectFrom("sessions.sessions")
    .select("root_id")
    .where("session_id", "=", sessionId)
    .executeTakeFirst();
  return row === undefined || row.root_id === "" ? sessionId : row.root_id;
}

async function listSessions(database: Kysely<Tables>, query: SessionQuery): Promise<SessionPage> {
  let select = database
    .selectFrom("sessions.sessions")
    .selectAll()
    .where("number", ">", String(query.afterNumber))
    .orderBy("number")
    .limit(query.limit + 1);
  if (query.owner !== undefined) select = select.where("owner", "=", Buffer.from(query.owner));
  if (query.activeAt !== undefined) {
    const at = String(query.activeAt);
    select = select
      .where((where) => where.or([where("revoked_ms", "is", null), where("revoked_ms", ">", at)]))
      .where("starts_ms", "<=", at)
      .where("granted_ms", "<=", at)
      .where("expires_ms", ">", at);
  }
  const rows = await select.execute();
  const page = rows.slice(0, query.limit);
  return {
    sessions: page.map(toSummary),
    nextNumber: rows.length > query.limit ? BigInt(page.at(-1)?.number ?? 0) : undefined,
  };
}

function toSummary(row: Selectable<SessionRow>): SessionSummary {
  return {
    sessionId: row.session_id,
    parentId: row.parent_id,
    epoch: Number(row.epoch),
    caveats: row.caveats,
    owner: row.owner,
    sessionKey: row.session_key,
    recipients: row.recipients,
    limit: parseLamports(row.limit_lamports),
    spent: parseLamports(row.spent_lamports),
    reserved: parseLamports(row.reserved_lamports),
    startsAt: parseUnixMs(row.starts_ms),
    expiresAt: parseUnixMs(row.expires_ms),
    grantedAt: parseUnixMs(row.granted_ms),
    revokedAt: row.revoked_ms === null ? undefined : parseUnixMs(row.revoked_ms),
    text: row.text,
  };
}
