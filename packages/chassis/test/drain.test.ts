/** A server that stops: new calls are refused, streams end in time, unary calls finish, nothing hangs. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  credentials,
  makeClientConstructor,
  status as Status,
  type Client,
  type ClientReadableStream,
  type ServiceError,
} from "@grpc/grpc-js";
import type { settlement } from "@mira/api";
import { call, serverStream, stream, unary, type CallContext } from "@mira/chassis";
import { RefusalError, succeed } from "@mira/primitives";
import { service as healthService } from "grpc-health-check";
import { progress, startSettlement, STATUS, untilAborted } from "./fixtures/harness.ts";

async function measure(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work;
  return performance.now() - startedAt;
}

test("an open stream ends with DRAINING, and the stop does not wait for its grace", async (t) => {
  const watchProgress = serverStream(async function* (
    _request: settlement.WatchProgressRequest,
    { signal }: CallContext,
  ) {
    yield progress(1);
    await untilAborted(signal);
  });
  const { client, server } = await startSettlement(t, { implementation: { watchProgress } });
  const messages = stream(client, "watchProgress", {});
  await messages.next();
  const ended = assert.rejects(
    messages.next(),
    (error) => error instanceof RefusalError && error.refusal.code === "DRAINING",
  );
  assert.ok((await measure(server.stop({ graceMs: 5000 }))) < 1000);
  await ended;
});

test("a stream made without the chassis holds up no longer than the grace", async (t) => {
  const { client, server } = await startSettlement(t, { implementation: { watchProgress: () => undefined } });
  const pending = stream(client, "watchProgress", {}).next();
  pending.catch(() => undefined);
  await sleep(50);
  const tookMs = await measure(server.stop({ graceMs: 200 }));
  assert.ok(tookMs >= 190 && tookMs < 1500, `took ${tookMs} ms`);
  await assert.rejects(pending);
});

test("an aborted signal cuts the grace short", async (t) => {
  const { client, server } = await startSettlement(t, { implementation: { watchProgress: () => undefined } });
  stream(client, "watchProgress", {})
    .next()
    .catch(() => undefined);
  await sleep(50);
  assert.ok((await measure(server.stop({ graceMs: 60_000, signal: AbortSignal.timeout(50) }))) < 1500);
});

test("unary calls in flight finish while the server drains", async (t) => {
  const getStatus = unary(async () => {
    await sleep(200);
    return succeed(STATUS);
  });
  const { client, server } = await startSettlement(t, { implementation: { getStatus } });
  const pending = call(client, "getStatus", {});
  await sleep(50);
  await server.stop();
  assert.deepEqual(await pending, succeed(STATUS));
});

test("an open health watch does not hold up the stop: it is told NOT_SERVING and ended", async (t) => {
  const { server } = await startSettlement(t, { implementation: {} });
  const Health = makeClientConstructor(healthService, "Health");
  const client = new Health(server.address, credentials.createInsecure()) as unknown as HealthClient;
  t.after(() => client.close());
  const seen: string[] = [];
  const watch = client.watch({ service: "" });
  const ended = once(watch, "error");
  watch.on("data", (answer: { status: string }) => seen.push(answer.status));
  await once(watch, "data");
  assert.ok((await measure(server.stop({ graceMs: 5000 }))) < 1000);
  const [error] = (await ended) as [ServiceError];
  assert.equal(error.code, Status.UNAVAILABLE);
  assert.deepEqual(seen, ["SERVING", "NOT_SERVING"]);
});

type HealthClient = Client & {
  readonly watch: (request: { service: string }) => ClientReadableStream<{ status: string }>;
};
