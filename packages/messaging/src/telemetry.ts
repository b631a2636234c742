/** Every span, metric and attribute that messaging emits, after OpenTelemetry's messaging conventions. */
import { metrics, trace } from "@opentelemetry/api";
import type { Counter, Histogram, Tracer } from "@opentelemetry/api";

export const ATTRIBUTE = {
  system: "messaging.system",
  operationName: "messaging.operation.name",
  operationType: "messaging.operation.type",
  destination: "messaging.destination.name",
  consumerGroup: "messaging.consumer.group.name",
  messageId: "messaging.message.id",
  bodySize: "messaging.message.body.size",
  batchMessageCount: "messaging.batch.message_count",
  errorType: "error.type",
  deliveryCount: "messaging.nats.delivery_count",
  streamSequence: "messaging.nats.stream.sequence",
  parkedReason: "mira.messaging.parked.reason",
} as const;

/** How a message that is handled alone relates to the span that created it: its child as well as linked, or only linked. */
export type ProcessParent = "parent" | "link";

export type Telemetry = {
  readonly tracer: Tracer;
  readonly processParent: ProcessParent;
  readonly sent: Counter;
  readonly consumed: Counter;
  readonly operationDuration: Histogram;
  readonly processDuration: Histogram;
  readonly redelivered: Counter;
  readonly parked: Counter;
};

const SCOPE = "@mira/messaging";

/** Called once a process has set its meter provider: instruments made earlier would record nothing. */
export function createTelemetry(processParent: ProcessParent = "parent"): Telemetry {
  const meter = metrics.getMeter(SCOPE);
  return {
    tracer: trace.getTracer(SCOPE),
    processParent,
    sent: meter.createCounter("messaging.client.sent.messages", { unit: "{message}" }),
    consumed: meter.createCounter("messaging.client.consumed.messages", { unit: "{message}" }),
    operationDuration: meter.createHistogram("messaging.client.operation.duration", { unit: "s" }),
    processDuration: meter.createHistogram("messaging.process.duration", { unit: "s" }),
    redelivered: meter.createCounter("mira.messaging.message.redelivered", { unit: "{message}" }),
    parked: meter.createCounter("mira.messaging.message.parked", { unit: "{message}" }),
  };
}

/** Mira's subjects carry no ids, so a subject is a name of low cardinality. */
export function describeOperation(
  type: "send" | "process" | "settle",
  name: string,
  destination: string,
): { readonly spanName: string; readonly attributes: Record<string, string | number> } {
  return {
    spanName: `${name} ${destination}`,
    attributes: {
      [ATTRIBUTE.system]: "nats",
      [ATTRIBUTE.operationType]: type,
      [ATTRIBUTE.operationName]: name,
      [ATTRIBUTE.destination]: destination,
    },
  };
}
