/** Grants for the role a service runs under: it reads and appends; it cannot change an event, the trigger, or the tables. */
import { invariant } from "@mira/primitives";
import type { Pool } from "pg";

export async function grantAppendOnly(pool: Pool, schema: string, role: string): Promise<void> {
  invariant(
    /^[a-z_][a-z0-9_]{0,62}$/.test(role),
    `a role name needs lower-case letters, digits and _: ${JSON.stringify(role)}`,
  );
  await pool.query(`
    GRANT USAGE ON SCHEMA ${schema} TO ${role};
    REVOKE ALL ON ${schema}.events FROM ${role};
    GRANT SELECT, INSERT ON ${schema}.events TO ${role};
    GRANT USAGE, SELECT ON SEQUENCE ${schema}.appends TO ${role};
    GRANT SELECT, INSERT, UPDATE ON ${schema}.cursors, ${schema}.leases TO ${role};
    GRANT SELECT, INSERT, DELETE ON ${schema}.seen TO ${role};`);
}
