/** The span and the metrics of handling messages. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import type { Attributes, Context, Link } from "@opentelemetry/api";
import type { Delivered } from "./delivered.ts";
import type { Session } from "./session.ts";
import { ATTRIBUTE, describeOperation } from "./telemetry.ts";
import type { ProcessParent } from "./telemetry.ts";
import { extractContext, toLink } from "./trace-context.ts";
import { LINKS_MAX } from "./trace-send.ts";

/** A message alone continues the trace that created it; of a batch no message is the parent, and each is linked. */
export async function traceProcess(
  session: Session,
  durable: string,
  messages: readonly Delivered[],
  handle: () => Promise<void>,
): Promise<void> {
  const { telemetry } = session;
  const { spanName, attributes } = describeOperation("process", "process", messages[0]?.subject ?? "nothing");
  const labels = { ...attributes, [ATTRIBUTE.consumerGroup]: durable };
  const parent = findParent(messages, telemetry.processParent);
  const span = telemetry.tracer.startSpan(
    spanName,
    {
      kind: SpanKind.CONSUMER,
      attributes: { ...labels, ...describeMessages(messages) },
      links: linkAll(messages),
    },
    parent,
  );
  const startedAt = performance.now();
  countConsumed(session, messages, labels);
  let outcome: Attributes = {};
  try {
    const active = trace.setSpan(parent, span);
    recordQueueWait(session, messages, active);
    await context.with(active, handle);
  } catch (error) {
    outcome = { [ATTRIBUTE.errorType]: error instanceof Error ? error.name : "unknown" };
    span.setAttributes(outcome).setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    telemetry.processDuration.record((performance.now() - startedAt) / 1000, { ...labels, ...outcome });
    span.end();
  }
}

function findParent(messages: readonly Delivered[], processParent: ProcessParent): Context {
  const [first] = messages;
  const continues = processParent === "parent" && messages.length === 1 && first !== undefined;
  return continues ? extractContext(first.headers) : ROOT_CONTEXT;
}

/** From the instant the stream took the message to now: time in which it waited for a consumer. */
function recordQueueWait({ telemetry }: Session, messages: readonly Delivered[], active: Context): void {
  const [first] = messages;
  if (messages.length !== 1 || first === undefined) return;
  telemetry.tracer.startSpan("queue_wait", { startTime: first.publishedAt }, active).end();
}

function countConsumed({ telemetry }: Session, messages: readonly Delivered[], labels: Attributes): void {
  telemetry.consumed.add(messages.length, labels);
  const redelivered = messages.filter(({ deliveryCount }) => deliveryCount > 1).length;
  if (redelivered > 0) telemetry.redelivered.add(redelivered, labels);
}

function describeMessages(messages: readonly Delivered[]): Attributes {
  const [first] = messages;
  if (messages.length !== 1 || first === undefined) return { [ATTRIBUTE.batchMessageCount]: messages.length };
  return {
    [ATTRIBUTE.messageId]: first.id,
    [ATTRIBUTE.bodySize]: first.payload.byteLength,
    [ATTRIBUTE.deliveryCount]: first.deliveryCount,
    [ATTRIBUTE.streamSequence]: first.sequence,
  };
}

function linkAll(messages: readonly Delivered[]): Link[] {
  return messages
    .slice(0, LINKS_MAX)
    .map(({ headers, id, deliveryCount }) =>
      toLink(headers, { [ATTRIBUTE.messageId]: id, [ATTRIBUTE.deliveryCount]: deliveryCount }),
    )
    .filter((link) => link !== undefined);
}
