/** What the network keeps on disk: what grows with accounts, and what grows with transactions. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Localnet } from "@mira/localnet";
import pg from "pg";

const MIB = 2 ** 20;
const TABLES = ["settlement.accounts", "settlement.events", "settlement.batch_index", "sequencer.events"];

/** MiB: every database together, the largest tables with their indexes, NATS's streams. */
export async function readDiskMb({ postgres, stateDir }: Localnet): Promise<Record<string, number>> {
  return {
    ...(await readDatabases(postgres.superuserUrl)),
    nats: Math.round((await sumFolder(join(stateDir, "nats"))) / MIB),
  };
}

async function readDatabases(serverUrl: string): Promise<Record<string, number>> {
  const names = await query(serverUrl, "SELECT datname FROM pg_database WHERE NOT datistemplate");
  let postgres = 0;
  const tables: Record<string, number> = {};
  for (const [name = ""] of names) {
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    const sizes = await query(
      url.href,
      `SELECT pg_database_size(current_database()), ${TABLES.map((table) => `pg_total_relation_size(to_regclass('${table}'))`).join(", ")}`,
    );
    const [whole, ...each] = sizes[0] ?? [];
    postgres += Number(whole) / MIB;
    TABLES.forEach((table, index) => {
      if (each[index] !== null) tables[table] = Math.round(Number(each[index]) / MIB);
    });
  }
  return { postgres: Math.round(postgres), ...tables };
}

async function query(url: string, text: string): Promise<(string | null)[][]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<(string | null)[]>({ text, rowMode: "array" })).rows;
  } finally {
    await client.end();
  }
}

/** A file may go while it is looked at. */
async function sumFolder(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(({ parentPath, name }) =>
      stat(join(parentPath, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
