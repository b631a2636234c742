/** A service as a process: what it prints, what its probes say, how signals end it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { sequencer } from "@mira/api";
import { call, createGrpcClient } from "@mira/chassis";
import { startFixture, type Child } from "./fixtures/child.ts";

const ENV = { MIRA_NETWORK_ID: "test", PATH: process.env["PATH"] ?? "" };

async function serving(child: Child): Promise<{ grpc: string; admin: string }> {
  const line = await child.waitFor((candidate) => candidate["event"] === "serving");
  return { grpc: String(line["grpc"]), admin: String(line["admin"]) };
}

async function probe(admin: string, path: string): Promise<number> {
  return (await fetch(`http://${admin}${path}`)).status;
}

test("a service serves, is scraped, is unready from SIGTERM on, and exits 0", async (t) => {
  const child = startFixture(t, "service.fixture.ts", {
    ...ENV,
    MIRA_DRAIN_DELAY: "1s",
    MIRA_LOG_LEVEL: "error",
  });
  const { grpc, admin } = await serving(child);
  const client = createGrpcClient(sequencer.SequencerServiceClient, grpc);
  t.after(() => client.close());
  for (const path of ["/livez", "/readyz", "/startupz"]) assert.equal(await probe(admin, path), 200, path);
  assert.equal(await probe(admin, "/nothing"), 404);

  assert.ok((await call(client, "getStatus", {})).ok);
  const metrics = await (await fetch(`http://${admin}/metrics`)).text();
  assert.match(
    metrics,
    /rpc_server_call_duration_bucket\{[^}]*rpc_method="mira\.sequencer\.v1\.SequencerService\/GetStatus"[^}]*le="0\.5"[^}]*\} 1/,
  );
  assert.match(metrics, /rpc_response_status_code="OK"/);

  child.kill("SIGTERM");
  await sleep(100);
  assert.equal(await probe(admin, "/readyz"), 503);
  assert.equal(await probe(admin, "/livez"), 200, "a draining service is alive");
  assert.ok(
    (await call(client, "getStatus", {})).ok,
    "before the drain delay has passed calls are still taken",
  );
  assert.equal(await child.exit, 0);
});

test("SIGINT drains too", async (t) => {
  const child = startFixture(t, "service.fixture.ts", ENV);
  await serving(child);
  child.kill("SIGINT");
  assert.equal(await child.exit, 0);
  assert.ok(child.lines.some((line) => line["message"] === "the store is closed"));
});

test("a second SIGTERM ends a drain that hangs, at once", async (t) => {
  const child = startFixture(t, "service.fixture.ts", { ...ENV, TEST_HANGS: "true" });
  await serving(child);
  child.kill("SIGTERM");
  await child.waitFor((line) => line["message"] === "the store is closed");
  child.kill("SIGTERM");
  assert.equal(await child.exit, 143);
});

test("a drain that outlasts the grace is cut, with exit code 1", async (t) => {
  const child = startFixture(t, "service.fixture.ts", {
    ...ENV,
    TEST_HANGS: "true",
    MIRA_SHUTDOWN_GRACE: "200ms",
  });
  await serving(child);
  child.kill("SIGTERM");
  assert.equal(await child.exit, 1);
});

test("a start that fails ends what it began, and exits 1", async (t) => {
  const child = startFixture(t, "service.fixture.ts", { ...ENV, TEST_FAILS: "true" });
  assert.equal(await child.exit, 1);
  const messages = child.lines.map((line) => line["message"]);
  assert.deepEqual(messages, ["the service cannot go on", "the store is closed", "stopped"]);
});

test("a wrong configuration names every problem and exits 78", async (t) => {
  const child = startFixture(t, "service.fixture.ts", {
    PATH: ENV.PATH,
    MIRA_GRPC_PORT: "x",
    MIRA_LOG_LEVEL: "loud",
  });
  assert.equal(await child.exit, 78);
  const problems = child.lines[0]?.["problems"];
  assert.ok(Array.isArray(problems));
  assert.deepEqual(
    problems.map((problem) => String(problem).split(":")[0]),
    ["MIRA_NETWORK_ID", "MIRA_GRPC_PORT", "MIRA_LOG_LEVEL"],
  );
});

test("with an OTLP endpoint spans leave the process, the last ones while it drains", async (t) => {
  const bodies: string[] = [];
  const receiver = createServer((request, response) => {
    void text(request).then((body) => {
      if (request.url === "/v1/traces") bodies.push(body);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  t.after(() => receiver.close());
  const { port } = receiver.address() as AddressInfo;
  const child = startFixture(t, "service.fixture.ts", {
    ...ENV,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_RESOURCE_ATTRIBUTES: "k8s.pod.name=sequencer-0",
  });
  const { grpc } = await serving(child);
  const client = createGrpcClient(sequencer.SequencerServiceClient, grpc);
  t.after(() => client.close());
  await call(client, "getStatus", {});
  child.kill("SIGTERM");
  assert.equal(await child.exit, 0);
  for (const needed of ["SequencerService/GetStatus", '"fixture"', "sequencer-0", "mira.network.id"])
    assert.ok(bodies.join().includes(needed), needed);
});

test("a collector that is down neither holds up the end nor makes it a failure", async (t) => {
  const child = startFixture(t, "service.fixture.ts", {
    ...ENV,
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
  });
  const { grpc } = await serving(child);
  const client = createGrpcClient(sequencer.SequencerServiceClient, grpc);
  t.after(() => client.close());
  await call(client, "getStatus", {});
  const startedAt = performance.now();
  child.kill("SIGTERM");
  assert.equal(await child.exit, 0);
  assert.ok(performance.now() - startedAt < 6000);
});

test("the README's example is the fixture, and it runs", async (t) => {
  const source = readFileSync(new URL("fixtures/example.fixture.ts", import.meta.url), "utf8");
  const region = /\/\/ #region main\n([^]*)\/\/ #endregion/.exec(source)?.[1];
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  assert.equal(/```ts\n([^]*?)```/.exec(readme)?.[1], region);
  const child = startFixture(t, "example.fixture.ts", {
    ...ENV,
    MIRA_DATABASE_URL: "postgres://127.0.0.1/nowhere",
    MIRA_SETTLEMENT_TARGET: "127.0.0.1:1",
  });
  await serving(child);
  child.kill("SIGTERM");
  assert.equal(await child.exit, 0);
});
