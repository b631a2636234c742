import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { SpanKind, context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { eventually } from "@mira/testing";
import { WORK, WORKERS, createRig, message } from "./fixture.ts";
import type { Rig } from "./fixture.ts";

const SUBJECT = "test.work.done.v1";
const exporter = new InMemorySpanExporter();
let rig: Rig;

before(async () => {
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
  );
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  rig = await createRig();
  await rig.messaging.declare({ streams: [WORK], consumers: [WORKERS] });
});
after(() => rig.close());

async function inSpan<T>(name: string, work: () => Promise<T>): Promise<T> {
  return trace.getTracer("test").startActiveSpan(name, (span) => work().finally(() => span.end()));
}

function find(name: string): ReadableSpan {
  const span = exporter.getFinishedSpans().findLast((one) => one.name === name);
  assert.ok(span, `no span ${name}`);
  return span;
}

async function consumeOnce(
  batch: number,
  handle: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const stop = new AbortController();
  const consuming = rig.messaging.consume(
    { stream: "WORK", durable: "workers", batch, signal: stop.signal },
    handle,
  );
  await eventually(async () => (await rig.messaging.readStreamState("WORK"))?.messages === 0);
  stop.abort();
  await consuming;
}

test("one trace crosses the stream: request, publish, process and what the handler does", async () => {
  await inSpan("request", () => rig.messaging.publish(message(SUBJECT, "traced", "traced-1")));
  await consumeOnce(1, () => inSpan("effect", () => Promise.resolve()));
  const [request, publish, process, effect] = [
    "request",
    `publish ${SUBJECT}`,
    `process ${SUBJECT}`,
    "effect",
  ].map(find);
  assert.ok(request && publish && process && effect);
  assert.equal(publish.parentSpanContext?.spanId, request.spanContext().spanId);
  assert.equal(process.parentSpanContext?.spanId, publish.spanContext().spanId);
  assert.equal(effect.parentSpanContext?.spanId, process.spanContext().spanId);
  assert.equal(effect.spanContext().traceId, request.spanContext().traceId);
  assert.deepEqual([publish.kind, process.kind], [SpanKind.PRODUCER, SpanKind.CONSUMER]);
  assert.equal(process.attributes["messaging.system"], "nats");
  assert.equal(process.attributes["messaging.operation.type"], "process");
  assert.equal(process.attributes["messaging.message.id"], "traced-1");
  assert.equal(process.attributes["messaging.consumer.group.name"], "workers");
  assert.equal(process.attributes["messaging.nats.delivery_count"], 1);
  assert.equal(process.links[0]?.context.spanId, publish.spanContext().spanId);
  assert.equal(find("queue_wait").parentSpanContext?.spanId, process.spanContext().spanId);
});

test("a batch starts a trace of its own and links every message", async () => {
  await inSpan("one", () => rig.messaging.publish(message(SUBJECT, "1", "batch-1")));
  await inSpan("two", () => rig.messaging.publish(message(SUBJECT, "2", "batch-2")));
  await consumeOnce(8);
  const process = find(`process ${SUBJECT}`);
  assert.equal(process.parentSpanContext, undefined);
  assert.equal(process.attributes["messaging.batch.message_count"], 2);
  const linked = process.links.map(({ context: { traceId }, attributes }) => [
    traceId,
    attributes?.["messaging.message.id"],
  ]);
  assert.deepEqual(linked, [
    [find("one").spanContext().traceId, "batch-1"],
    [find("two").spanContext().traceId, "batch-2"],
  ]);
});

test("a message that carries a context keeps it: the relay is not the cause of what it publishes", async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  await inSpan("relay", () =>
    rig.messaging.publish({ ...message(SUBJECT, "row", "row-1"), headers: { traceparent } }),
  );
  await consumeOnce(1);
  assert.equal(find(`process ${SUBJECT}`).spanContext().traceId, "0af7651916cd43dd8448eb211c80319c");
  assert.equal(find(`publish ${SUBJECT}`).links[0]?.context.spanId, "b7ad6b7169203331");
});
