import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { sequencer, sessions, settlement } from "@mira/api";
import { call, createGrpcClient, type GrpcClient } from "@mira/chassis";
import type { KeyPair } from "@mira/primitives";
import { eventually, useTestDatabase, useTestNats, type TestDatabase, type TestNats } from "@mira/testing";
import { createTransfer, PAYERS } from "./sequencer.fixture.ts";

const MAIN = path.join(import.meta.dirname, "../src/main.ts");
const [alice] = PAYERS as readonly [KeyPair];

let database: TestDatabase;
let nats: TestNats;
let folder: string;
const children = new Set<ChildProcess>();
let others: { readonly port: number; readonly server: Server };

before(async () => {
  database = await useTestDatabase();
  nats = await useTestNats();
  folder = await mkdtemp(path.join(tmpdir(), "mira-sequencer-"));
  await writeFile(path.join(folder, "key"), "07".repeat(32));
  others = await startOthers();
});
after(async () => {
  for (const child of children) child.kill("SIGKILL");
  others.server.forceShutdown();
  await rm(folder, { recursive: true });
  await nats.close();
  await database.close();
});

/** Settlement and sessions as the sequencer sees them: everyone is rich, nothing is settled, there are no sessions. */
async function startOthers(): Promise<{ port: number; server: Server }> {
  const server = new Server();
  const account = { exists: true, lamports: 10n ** 12n, owner: new Uint8Array(32), data: new Uint8Array(0) };
  const implementation = {
    getAccounts: ({ request }: { request: settlement.GetAccountsRequest }, answer: Answer) =>
      answer(null, {
        accounts: request.keys.map((key) => ({
          ...account,
          key,
          executable: false,
          rentEpoch: 0n,
          version: 0n,
        })),
        settledBatches: 0n,
      }),
    getStatus: (_call: unknown, answer: Answer) => answer(null, settlement.GetStatusResponse.create({})),
    streamSnapshot: (stream: { end: () => void }) => stream.end(),
  };
  server.addService(settlement.SettlementServiceService, implementation);
  server.addService(sessions.SessionsServiceService, {});
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
    error === null ? resolve(port) : reject(error),
  );
  return { port: await promise, server };
}
type Answer = (error: null, response: unknown) => void;

type Started = {
  readonly process: ChildProcess;
  readonly client: GrpcClient<typeof sequencer.SequencerServiceService>;
  readonly stop: (signal: "SIGTERM" | "SIGKILL") => Promise<number | null>;
};

async function startSequencer(): Promise<Started> {
  const child = spawn(process.execPath, [MAIN], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      MIRA_NETWORK_ID: "test",
      MIRA_DATABASE_URL: database.url,
      MIRA_NATS_URL: nats.url,
      MIRA_SETTLEMENT_TARGET: `127.0.0.1:${others.port}`,
      MIRA_SESSIONS_TARGET: `127.0.0.1:${others.port}`,
      MIRA_KEY_FILE: path.join(folder, "key"),
      MIRA_SEQUENCER_LEASE: "3s",
    },
  });
  children.add(child);
  const target = await readTarget(child);
  // Leaving the loop paused the stream; a log that nobody reads would stop the process that writes it.
  child.stdout.resume();
  const client = createGrpcClient(sequencer.SequencerServiceClient, target);
  await eventually(async () => (await getStatus(client)).leader, { timeoutMs: 20_000 });
  return {
    process: child,
    client,
    stop: async (signal) => {
      client.close();
      child.kill(signal);
      const [code] = (await once(child, "exit")) as [number | null];
      return code;
    },
  };
}

async function readTarget(child: ChildProcess): Promise<string> {
  assert.ok(child.stdout);
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line) as { event?: string; grpc?: string };
    if (entry.event === "serving" && entry.grpc !== undefined) {
      return entry.grpc;
    }
  }
  throw new Error("the sequencer ended before it served");
}

async function getStatus(client: Started["client"]): Promise<sequencer.GetStatusResponse> {
  const status = await call(client, "getStatus", {});
  assert.ok(status.ok);
  return status.value;
}

async function submit({ client }: Started, wire: Uint8Array) {
  return call(client, "submitTransaction", { transaction: wire, sessionId: "" });
}

async function getBlockhash({ client }: Started): Promise<Uint8Array> {
  const latest = await call(client, "getLatestBlockhash", {});
  assert.ok(latest.ok);
  return latest.value.blockhash;
}

test("the process: submits, is killed, remembers, drains", async () => {
  const first = await startSequencer();
  const wire = createTransfer({ blockhash: await getBlockhash(first), payer: alice, lamports: 1 });
  const submitted = await submit(first, wire);
  assert.ok(submitted.ok, JSON.stringify(submitted.ok ? {} : submitted));
  assert.equal(submitted.value.sequenceNumber, 0n);
  const many = await call(first.client, "submitTransactions", {
    transactions: [wire, createTransfer({ blockhash: await getBlockhash(first), payer: alice, lamports: 2 })],
    sessions: [],
  });
  assert.ok(many.ok);
  assert.deepEqual(many.value.sequenceNumbers, [2n ** 64n - 1n, 1n]);
  assert.equal(many.value.refusals[0]?.refusal?.code, "TRANSACTION_DUPLICATE");
  const refusedCall = await call(first.client, "submitTransactions", { transactions: [], sessions: [] });
  assert.equal(refusedCall.ok ? "" : refusedCall.code, "REQUEST_INVALID");
  await first.stop("SIGKILL");

  const second = await startSequencer();
  const again = await submit(second, wire);
  assert.equal(again.ok ? "admitted" : again.code, "TRANSACTION_DUPLICATE");
  const next = await submit(
    second,
    createTransfer({ blockhash: await getBlockhash(second), payer: alice, lamports: 3 }),
  );
  assert.equal(next.ok && next.value.sequenceNumber, 2n);
  const status = await getStatus(second.client);
  assert.equal(status.nextSequenceNumber, 3n);
  assert.equal(status.speculation, 3n);
  assert.match(status.runtimeId, /^[0-9a-f]{64}$/);
  const batch = await call(second.client, "getSealedBatch", { batchNumber: 0n });
  assert.ok(batch.ok && batch.value.batch.length > wire.length);
  const absent = await call(second.client, "getSealedBatch", { batchNumber: 99n });
  assert.equal(absent.ok ? "" : absent.code, "NOT_FOUND");
  assert.equal(await second.stop("SIGTERM"), 0);
});
