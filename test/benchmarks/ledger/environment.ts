/** What a figure means nothing without: hardware, versions, durability, and what shared the machine. */
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { cpus, loadavg, totalmem } from "node:os";
import pg from "pg";

const PACKAGES = ["litesvm", "pg", "@grpc/grpc-js", "solana-bankrun", "@foundry-rs/anvil"];
const DURABILITY = ["server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method"];

export async function describeEnvironment(postgresUrl: string, natsServer: string): Promise<object> {
  return {
    hardware: {
      cpu: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
      memory_gb: Math.round(totalmem() / 2 ** 30),
      load_average_before: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    },
    versions: { commit: readCommit(), node: process.version, nats: natsServer, ...readPackages() },
    postgres: await readSettings(postgresUrl),
    sharing:
      "load generator, Postgres, NATS and every service share these cores; the independent re-execution is on; transactions are signed before a slice, submitting them counts",
  };
}

async function readSettings(url: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const settings: Record<string, string> = {};
    for (const name of DURABILITY) {
      const { rows } = await client.query<string[]>({ text: `SHOW ${name}`, rowMode: "array" });
      settings[name] = rows[0]?.[0] ?? "";
    }
    return settings;
  } finally {
    await client.end();
  }
}

function readPackages(): Record<string, string> {
  const require = createRequire(import.meta.url);
  return Object.fromEntries(
    PACKAGES.map((name) => {
      try {
        return [name, (require(`${name}/package.json`) as { version: string }).version];
      } catch {
        return [name, "unknown"];
      }
    }),
  );
}

function readCommit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}
