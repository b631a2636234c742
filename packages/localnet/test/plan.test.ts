/** The plan of a localnet against the services' own readers of configuration: nothing is missing, nothing is refused. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { decodeHex, encodeBase58, encodeHex } from "@mira/primitives";
import { createDevKey, DEV_ACCOUNTS, operatorOf, VALIDATORS } from "@mira/localnet";
import { formatGenesis } from "../src/genesis.ts";
import { planServices, type Plan, type PlanInput } from "../src/plan.ts";

let stateDir: string;
let input: PlanInput;
before(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "mira-plan-"));
  const url = (schema: string): string => `postgres://${schema}:secret@127.0.0.1:5432/mira`;
  input = {
    networkId: "mira-test",
    stateDir,
    databaseUrls: {
      sequencer: url("sequencer"),
      settlement: url("settlement"),
      verifier: url("verifier"),
      staking: url("staking"),
      sessions: url("sessions"),
    },
    natsUrl: "nats://127.0.0.1:4222",
    endpoints: {
      sequencer: "127.0.0.1:1001",
      settlement: "127.0.0.1:1002",
      verifier: "127.0.0.1:1003",
      staking: "127.0.0.1:1004",
      sessions: "127.0.0.1:1005",
    },
    logPort: 1_006,
    genesisFile: join(stateDir, "genesis.jsonl"),
    challengeWindowMs: 2_000,
    genesisAtMs: 1_800_000_000_000,
    executors: 3,
    logLevel: "info",
    overrides: {},
  };
  await writeFile(input.genesisFile, formatGenesis());
  for (const [file, seed] of planServices(input).keyFiles) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, seed);
  }
});
after(() => rm(stateDir, { recursive: true }));

const listAll = ({ first, rest, validators }: Plan) => [...first, ...rest, ...validators];
type ReadConfig = (env: Readonly<Record<string, string>>) => {
  readonly ok: boolean;
  readonly problems?: readonly string[];
};

/** Packages never import services; the plan starts them by path, and so does this. */
async function findReader(entry: string): Promise<ReadConfig> {
  const module = (await import(new URL("config.ts", pathToFileURL(entry)).href)) as Record<
    string,
    ReadConfig
  >;
  const reader = Object.entries(module).find(([name]) => /^(?:read|load)\w*Config$/.test(name))?.[1];
  assert.ok(reader, `${entry}: config.ts exports a reader`);
  return reader;
}

test("every service accepts the environment that it is given", async () => {
  const services = listAll(planServices(input));
  assert.equal(services.length, 5 + 3 + 1 + VALIDATORS.length);
  for (const { name, entry, env } of services) {
    const read = await findReader(entry);
    const config = read(env);
    assert.ok(config.ok, `${name}: ${(config.problems ?? []).join("; ")}`);
    const without = read({ MIRA_NETWORK_ID: "mira-test" });
    assert.ok(!without.ok, `${name} needs more than a network's name`);
  }
});

test("each service has a name, a database role and a key of its own", () => {
  const services = listAll(planServices(input));
  const unique = (values: readonly (string | undefined)[]): void => {
    const there = values.filter((value) => value !== undefined);
    assert.equal(new Set(there).size, there.length);
  };
  unique(services.map(({ name }) => name));
  unique(services.map(({ env }) => env["MIRA_DATABASE_URL"]));
  unique(services.map(({ env }) => env["MIRA_KEY_FILE"]));
  unique(services.map(({ env }) => env["MIRA_VALIDATOR_JOURNAL"]));
  for (const { name, env } of services.filter(({ env: has }) => has["MIRA_GRPC_PORT"] !== undefined))
    assert.equal(
      `127.0.0.1:${env["MIRA_GRPC_PORT"] ?? ""}`,
      input.endpoints[name as keyof PlanInput["endpoints"]],
    );
});

test("every key file named in an environment is among those to write, as 32 bytes in hexadecimal", () => {
  const plan = planServices(input);
  const named = listAll(plan).flatMap(({ env }) => env["MIRA_KEY_FILE"] ?? []);
  assert.deepEqual([...plan.keyFiles.keys()].sort(), named.sort());
  for (const seed of plan.keyFiles.values()) assert.equal(decodeHex(seed)?.length, 32);
});

test("settlement knows the executors by key, and the re-executor is none of them", () => {
  const plan = planServices(input);
  const env = plan.first[0]?.env ?? {};
  const known = (env["MIRA_SETTLEMENT_EXECUTORS"] ?? "").split(",");
  const reexecutor = env["MIRA_SETTLEMENT_REEXECUTORS"] ?? "";
  assert.equal(new Set(known).size, 3);
  assert.ok(!known.includes(reexecutor));
  const roles = plan.rest.filter(({ entry }) => entry.includes("/executor/"));
  for (const { name, env: own } of roles) {
    const key = encodeBase58(createDevKey(name).publicKey);
    assert.equal(own["MIRA_EXECUTOR_ROLE"], key === reexecutor ? "reexecute" : "execute");
    assert.ok(key === reexecutor || known.includes(key));
    assert.equal(plan.keyFiles.get(own["MIRA_KEY_FILE"] ?? ""), encodeHex(createDevKey(name).seed));
  }
});

test("an override of a kind is laid over the plan, and one of a name over that", () => {
  const overrides = { validator: { MIRA_LOG_LEVEL: "debug" }, "validator-2": { MIRA_LOG_LEVEL: "trace" } };
  const { validators, rest } = planServices({ ...input, overrides });
  assert.deepEqual(
    validators.map(({ env }) => env["MIRA_LOG_LEVEL"]),
    ["debug", "trace", "debug"],
  );
  assert.ok(rest.every(({ env }) => env["MIRA_LOG_LEVEL"] === "info"));
});

test("genesis funds the development accounts, and every operator can pay its bond", () => {
  const extra = { key: new Uint8Array(32).fill(7), lamports: 5n };
  const [head = "", ...lines] = [...formatGenesis([extra])].join("").trimEnd().split("\n");
  const { accounts: count, allocations } = JSON.parse(head) as {
    accounts: number;
    allocations: { account: string; units: string }[];
  };
  const accounts = lines.map((line) => JSON.parse(line) as { key: string; lamports: string });
  assert.equal(accounts.length, count);
  assert.ok(accounts.some(({ key, lamports }) => key === encodeBase58(extra.key) && lamports === "5"));
  for (const name of DEV_ACCOUNTS)
    assert.ok(accounts.some(({ key }) => key === encodeBase58(createDevKey(name).publicKey)));
  for (const name of VALIDATORS) {
    const account = `owner/${encodeBase58(createDevKey(operatorOf(name)).publicKey)}`;
    assert.ok(allocations.some((one) => one.account === account && BigInt(one.units) >= 1_000n * 10n ** 9n));
  }
});
