/** One trace from client to server to the next server, in logs and through plain carriers. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from "@opentelemetry/sdk-trace";
import {
  call,
  CHASSIS_ATTRIBUTES,
  extractTraceContext,
  injectTraceContext,
  startTelemetry,
  unary,
  withSpan,
  type Telemetry,
} from "@mira/chassis";
import { refuse, succeed } from "@mira/primitives";
import { startSettlement, STATUS } from "./fixtures/harness.ts";

const exporter = new InMemorySpanExporter();
let telemetry: Telemetry;

before(async () => {
  const spanProcessors = [new SimpleSpanProcessor({ exporter })];
  telemetry = await startTelemetry({
    service: "test",
    version: "0",
    networkId: "test",
    instanceId: "1",
    spanProcessors,
  });
});
beforeEach(() => exporter.reset());
after(() => telemetry.stop());

/** `client GetStatus > server GetStatus`, for every span that has its parent here. */
function edges(spans: readonly ReadableSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  const name = (span: ReadableSpan) =>
    `${SpanKind[span.kind].toLowerCase()} ${span.name.split("/")[1] ?? span.name}`;
  return spans
    .flatMap((span) => {
      const parent = byId.get(span.parentSpanContext?.spanId ?? "");
      return parent === undefined ? [] : [`${name(parent)} > ${name(span)}`];
    })
    .sort();
}

test("a call is one trace: work > client > server > the client of the next call > its server", async (t) => {
  const inner = await startSettlement(t, {
    implementation: { getReceipt: unary(() => refuse("NOT_FOUND", "no")) },
  });
  const outer = await startSettlement(t, {
    implementation: {
      getStatus: unary(async () => {
        await call(inner.client, "getReceipt", { by: undefined });
        return succeed(STATUS);
      }),
    },
  });
  await withSpan(telemetry.tracer, "work", {}, () => call(outer.client, "getStatus", {}));
  const spans = exporter.getFinishedSpans();
  assert.deepEqual(edges(spans), [
    "client GetReceipt > server GetReceipt",
    "client GetStatus > server GetStatus",
    "internal work > client GetStatus",
    "server GetStatus > client GetReceipt",
  ]);
  assert.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 1);
});

test("spans carry the conventions' attributes, and none that is not declared", async (t) => {
  const { client } = await startSettlement(t, {
    implementation: { getStatus: unary(() => refuse("NOT_FOUND", "no")) },
  });
  await call(client, "getStatus", {});
  const spans = exporter.getFinishedSpans();
  const server = spans.find((span) => span.kind === SpanKind.SERVER);
  const caller = spans.find((span) => span.kind === SpanKind.CLIENT);
  assert.deepEqual(server?.attributes, {
    "rpc.system.name": "grpc",
    "rpc.method": "mira.settlement.v1.SettlementService/GetStatus",
    "rpc.response.status_code": "NOT_FOUND",
  });
  assert.equal(server.status.code, SpanStatusCode.UNSET, "a refusal is an answer, not the server's error");
  assert.equal(caller?.status.code, SpanStatusCode.ERROR);
  assert.equal(caller.attributes["error.type"], "NOT_FOUND");
  assert.equal(caller.attributes["mira.refusal"], "NOT_FOUND");
  const declared: readonly string[] = CHASSIS_ATTRIBUTES;
  for (const span of spans)
    for (const key of Object.keys(span.attributes)) assert.ok(declared.includes(key), key);
});

test("a surprise marks the server's span, and its log line carries the trace's ids", async (t) => {
  const getStatus = unary(() => {
    throw new Error("boom");
  });
  const { client, logLines } = await startSettlement(t, { implementation: { getStatus } });
  await assert.rejects(call(client, "getStatus", {}), /internal error, trace [0-9a-f]{32}/);
  const server = exporter.getFinishedSpans().find((span) => span.kind === SpanKind.SERVER);
  assert.equal(server?.status.code, SpanStatusCode.ERROR);
  assert.equal(server.events[0]?.name, "exception");
  const line = logLines().find((candidate) => candidate["message"] === "a call failed unexpectedly");
  assert.equal(line?.["trace_id"], server.spanContext().traceId);
  assert.equal(line["span_id"], server.spanContext().spanId);
});

test("a deadline that the server kept is DEADLINE_EXCEEDED in its span", async (t) => {
  const getStatus = unary(() => new Promise<never>(() => undefined));
  const { client } = await startSettlement(t, { implementation: { getStatus } });
  await assert.rejects(call(client, "getStatus", {}, { deadlineMs: 40 }));
  const ended = () => exporter.getFinishedSpans().find((span) => span.kind === SpanKind.SERVER);
  for (let tries = 0; tries < 50 && ended() === undefined; tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(ended()?.attributes["rpc.response.status_code"], "DEADLINE_EXCEEDED");
});

test("plain carriers bring a trace across: what was injected is the parent after extraction", async () => {
  const carrier = await withSpan(telemetry.tracer, "publish", {}, () => injectTraceContext({ kept: "yes" }));
  assert.match(carrier["traceparent"] ?? "", /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  assert.equal(carrier["kept"], "yes");
  await withSpan(telemetry.tracer, "process", { parent: extractTraceContext(carrier) }, () => undefined);
  assert.deepEqual(edges(exporter.getFinishedSpans()), ["internal publish > internal process"]);
});

test("withSpan records what is thrown, and throws it on", async () => {
  await assert.rejects(
    withSpan(telemetry.tracer, "work", {}, () => {
      throw new Error("boom");
    }),
    /boom/,
  );
  assert.equal(exporter.getFinishedSpans()[0]?.status.message, "boom");
  assert.equal(trace.getActiveSpan(), undefined);
});
