/** One database, one schema and one role for each service: none reads another's tables. */
import { Client } from "pg";
import type { RunningPostgres } from "./infra/index.ts";

export const SCHEMAS = ["sequencer", "settlement", "verifier", "staking", "sessions"] as const;
export type Schema = (typeof SCHEMAS)[number];

const DATABASE = "mira";
/** Of a server that listens on loopback only and ends with the localnet. */
const PASSWORD = "localnet";

/** Idempotent: a kept data folder has them already. */
export async function prepareDatabases(postgres: RunningPostgres): Promise<Readonly<Record<Schema, string>>> {
  await run(
    postgres.superuserUrl,
    [`SELECT 1 FROM pg_database WHERE datname = '${DATABASE}'`],
    async (client, [found]) => {
      if (found === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
    },
  );
  await run(postgres.url(DATABASE), SCHEMAS.flatMap(createOwner));
  const urls = SCHEMAS.map(
    (schema) => [schema, postgres.url(DATABASE, { user: schema, password: PASSWORD })] as const,
  );
  return Object.fromEntries(urls) as Record<Schema, string>;
}

function createOwner(schema: Schema): readonly string[] {
  return [
    `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${schema}') THEN CREATE ROLE ${schema} LOGIN PASSWORD '${PASSWORD}'; END IF; END $$`,
    `GRANT CREATE ON DATABASE ${DATABASE} TO ${schema}`,
    `CREATE SCHEMA IF NOT EXISTS ${schema} AUTHORIZATION ${schema}`,
  ];
}

async function run(
  url: string,
  statements: readonly string[],
  after?: (client: Client, rowCounts: readonly number[]) => Promise<void>,
): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const rowCounts: number[] = [];
    for (const statement of statements) rowCounts.push((await client.query(statement)).rowCount ?? 0);
    await after?.(client, rowCounts);
  } finally {
    await client.end();
  }
}
