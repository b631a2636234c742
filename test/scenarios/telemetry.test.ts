/** One transaction's way can be followed in traces, from the client's call through NATS to settlement. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { createDevKey, startLocalnet, type Localnet } from "@mira/localnet";
import { eventually } from "@mira/testing";
import { readBlockhash, settle } from "./localnet.fixture.ts";
import { KIND, startOtlpReceiver, type ReceivedSpan } from "./otlp-receiver.fixture.ts";
import { buildTransaction, transferSol } from "./transactions.fixture.ts";

const CLIENT = "an integrator's program";
const SUBMIT = "mira.sequencer.v1.SequencerService/SubmitTransaction";
/** The exporters send every five seconds. */
const EXPORTED_MS = 30_000;

test("the trace of a transaction leads client -> sequencer -> NATS -> executor -> NATS -> settlement", async () => {
  const receiver = await startOtlpReceiver();
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.url;
  const sdk = new NodeSDK({
    resource: resourceFromAttributes({ "service.name": CLIENT }),
    autoDetectResources: false,
    metricReaders: [],
    logRecordProcessors: [],
    traceExporter: new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` }),
  });
  sdk.start();
  let localnet: Localnet | undefined;
  try {
    localnet = await startLocalnet({ challengeWindowMs: 300, logLevel: "error" });
    const alice = createDevKey("alice");
    const transaction = buildTransaction({
      payer: alice,
      blockhash: await readBlockhash(localnet.client),
      instructions: [transferSol(alice, createDevKey("bob").publicKey, 1_000_000n)],
    });
    await settle(localnet.client, transaction, "finalized");
    await eventually(() => assertTrace(receiver.spans), { timeoutMs: EXPORTED_MS });
  } finally {
    delete process.env["OTEL_EXPORTER_OTLP_ENDPOINT"];
    await localnet?.stop();
    await sdk.shutdown();
    await receiver.stop();
  }
});

function assertTrace(spans: readonly ReceivedSpan[]): void {
  const call = spans.find(({ service, name }) => service === CLIENT && name === SUBMIT);
  assert.ok(call?.kind === KIND.client, "the client's call is a span");
  const served = spans.find(({ parentSpanId }) => parentSpanId === call.spanId);
  assert.deepEqual([served?.service, served?.kind, served?.name], ["sequencer", KIND.server, SUBMIT]);
  assert.equal(served?.traceId, call.traceId);

  const caused = collectCaused(spans, call);
  const sentOn = spans.filter(({ service, kind }) => service === "sequencer" && kind === KIND.producer);
  assertEdge(spans, caused, "sequencer", "executor");
  assertEdge(spans, caused, "executor", "settlement");
  assert.ok(
    sentOn.some(({ spanId }) => caused.has(spanId)),
    "the sequencer's sending belongs to the call",
  );
}

/** A consumer of `to` that was caused by the call and whose cause is a span of `from`. */
function assertEdge(
  spans: readonly ReceivedSpan[],
  caused: ReadonlySet<string>,
  from: string,
  to: string,
): void {
  const serviceOf = new Map(spans.map(({ spanId, service }) => [spanId, service]));
  const edge = spans.find(
    (span) =>
      span.service === to &&
      span.kind === KIND.consumer &&
      caused.has(span.spanId) &&
      causesOf(span).some((cause) => caused.has(cause) && serviceOf.get(cause) === from),
  );
  assert.ok(edge !== undefined, `no span of ${to} consumes what a span of ${from} sent`);
}

/** Everything that is, by parent or by link, a consequence of the span. */
function collectCaused(spans: readonly ReceivedSpan[], root: ReceivedSpan): ReadonlySet<string> {
  const caused = new Set([root.spanId]);
  for (let size = 0; size < caused.size;) {
    size = caused.size;
    for (const span of spans) if (causesOf(span).some((cause) => caused.has(cause))) caused.add(span.spanId);
  }
  return caused;
}

function causesOf({ parentSpanId, links }: ReceivedSpan): readonly string[] {
  return [parentSpanId, ...links];
}
