/** The process itself: it hears of settled batches, tells of grants, and after kill -9 goes on where it was. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { events, sessions } from "@mira/api";
import { call, createGrpcClient, type GrpcClient } from "@mira/chassis";
import { connectMessaging, STREAM, type Messaging } from "@mira/messaging";
import { unwrap } from "@mira/primitives";
import { eventually, useTestDatabase, useTestNats, type TestDatabase, type TestNats } from "@mira/testing";
import { NETWORK, reservation, signGrant, SILENT } from "./sessions.fixture.ts";

const MAIN = path.join(import.meta.dirname, "../src/main.ts");
const SETTLED = "mira.settlement.batch.settled.v1";
let database: TestDatabase;
let nats: TestNats;
let messaging: Messaging;
const stopping = new AbortController();
const children = new Set<ChildProcess>();

before(async () => {
  database = await useTestDatabase();
  nats = await useTestNats();
  messaging = await connectMessaging({
    url: nats.url,
    name: "test",
    signal: stopping.signal,
    logger: SILENT,
  });
  await messaging.declare({ streams: [STREAM.events], consumers: [] });
});
after(async () => {
  for (const child of children) child.kill("SIGKILL");
  stopping.abort();
  await messaging.close();
  await nats.close();
  await database.close();
});

type Started = {
  readonly child: ChildProcess;
  readonly client: GrpcClient<typeof sessions.SessionsServiceService>;
};

async function start(): Promise<Started> {
  const child = spawn(process.execPath, [MAIN], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      MIRA_NETWORK_ID: NETWORK,
      MIRA_DATABASE_URL: database.url,
      MIRA_NATS_URL: nats.url,
    },
  });
  children.add(child);
  for await (const line of createInterface({ input: child.stdout }))
    if (line.includes('"event":"serving"')) {
      const { grpc } = JSON.parse(line) as { grpc: string };
      child.stdout.resume();
      return { child, client: createGrpcClient(sessions.SessionsServiceClient, grpc) };
    }
  throw new Error("sessions ended before it served");
}

async function readSpent(client: Started["client"], sessionId: string): Promise<readonly bigint[]> {
  const { session } = unwrap(await call(client, "getSession", { sessionId }));
  return [session?.spentLamports ?? -1n, session?.reservedLamports ?? -1n];
}

async function publishSettled(sessionId: string, messageHash: Uint8Array, spent: bigint): Promise<void> {
  const outcome = { sequenceNumber: 1n, sessionId, messageHash, succeeded: true, spentLamports: spent };
  const payload = events.BatchSettled.encode(
    events.BatchSettled.fromPartial({ sessions: [outcome] }),
  ).finish();
  // Another id each time: the stream's own window of duplicates does not help here.
  await messaging.publish({ subject: SETTLED, payload, id: randomUUID() });
}

test("a settled batch that arrives twice, around a kill -9, is committed once", async () => {
  const first = await start();
  const heard: string[] = [];
  const following = messaging.follow(
    { stream: STREAM.events.name, filterSubject: "mira.sessions.>", from: "all", signal: stopping.signal },
    (message) => {
      heard.push(message.subject);
      return Promise.resolve();
    },
  );
  following.catch(() => undefined);
  const now = Date.now();
  const window = { startsAt: now, expiresAt: now + 600_000 } as Parameters<typeof signGrant>[0];
  const granted = unwrap(
    await call(first.client, "grantSession", { intent: signGrant(window, { at: now }) }),
  );
  const sessionId = granted.session?.sessionId ?? "";
  const one = reservation(sessionId, 100_000n);
  const other = reservation(sessionId, 200_000n);
  unwrap(await call(first.client, "reserveBudget", one));
  unwrap(await call(first.client, "reserveBudget", other));
  await publishSettled(sessionId, one.messageHash, 105_000n);
  await eventually(async () =>
    assert.deepEqual(await readSpent(first.client, sessionId), [105_000n, 205_000n]),
  );
  await eventually(() => assert.deepEqual(heard, ["mira.sessions.session.granted.v1"]));

  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  first.client.close();
  await publishSettled(sessionId, one.messageHash, 105_000n);
  await publishSettled(sessionId, other.messageHash, 205_000n);

  const second = await start();
  await eventually(async () => assert.deepEqual(await readSpent(second.client, sessionId), [310_000n, 0n]), {
    timeoutMs: 15_000,
  });
  second.client.close();
  second.child.kill("SIGTERM");
  const [code] = (await once(second.child, "exit")) as [number | null];
  assert.equal(code, 0, "it stops in order");
});
