/** The read model: which verifications are open, and which one a certificate belongs to. */
import { Kysely, PostgresDialect } from "kysely";
import type { Pool, PoolClient } from "pg";
import type { OpenedVerification } from "../domain/verification.ts";
import type { VerificationList } from "../ports.ts";

type VerificationRow = {
  readonly verification_id: string;
  readonly status: string;
  readonly opened_ms: string;
  readonly certificate_id: string | null;
};
type Tables = { readonly "verifier.verifications": VerificationRow };

export type VerificationTable = VerificationList & {
  readonly migrate: () => Promise<void>;
  readonly write: (client: PoolClient, verification: OpenedVerification) => Promise<void>;
};

const MIGRATION = `
  CREATE TABLE IF NOT EXISTS verifier.verifications (
    verification_id text PRIMARY KEY,
    status text NOT NULL,
    opened_ms bigint NOT NULL,
    certificate_id text UNIQUE
  );
  CREATE INDEX IF NOT EXISTS verifications_open ON verifier.verifications (opened_ms) WHERE status <> 'certified'`;

export function openVerificationTable(pool: Pool): VerificationTable {
  const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return {
    migrate: async () => {
      await pool.query(MIGRATION);
    },
    async write(client, { opened, status, certificateId }) {
      const changing = { status, certificate_id: certificateId ?? null };
      const query = database
        .insertInto("verifier.verifications")
        .values({ verification_id: opened.verificationId, opened_ms: String(opened.at), ...changing })
        .onConflict((conflict) => conflict.column("verification_id").doUpdateSet(changing))
        .compile();
      await client.query(query.sql, [...query.parameters]);
    },
    async listOpen(limit) {
      const rows = await database
        .selectFrom("verifier.verifications")
        .select("verification_id")
        .where("status", "<>", "certified")
        .orderBy("opened_ms")
        .limit(limit)
        .execute();
      return rows.map((row) => row.verification_id);
    },
    async findByCertificate(certificateId) {
      const row = await database
        .selectFrom("verifier.verifications")
        .select("verification_id")
        .where("certificate_id", "=", certificateId)
        .executeTakeFirst();
      return row?.verification_id;
    },
  };
}
