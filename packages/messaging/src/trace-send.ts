/** The span and the metrics of a publication. */
import { SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import type { Link } from "@opentelemetry/api";
import type { Headers } from "./headers.ts";
import type { Session } from "./session.ts";
import { ATTRIBUTE, describeOperation } from "./telemetry.ts";
import { toLink } from "./trace-context.ts";

type Sent = {
  readonly subject: string;
  readonly id: string;
  readonly payload: Uint8Array;
  readonly headers?: Headers;
};

/** Collectors cut a span with more links than this. */
export const LINKS_MAX = 128;

export async function traceSend<T>(
  session: Session,
  messages: readonly Sent[],
  send: () => Promise<T>,
): Promise<T> {
  const { tracer, sent, operationDuration } = session.telemetry;
  const [first] = messages;
  const { spanName, attributes } = describeOperation("send", "publish", first?.subject ?? "nothing");
  const span = tracer.startSpan(spanName, {
    kind: SpanKind.PRODUCER,
    attributes: { ...attributes, ...describeMessages(messages) },
    links: linkAll(messages),
  });
  const startedAt = performance.now();
  let outcome: Record<string, string> = {};
  try {
    return await context.with(trace.setSpan(context.active(), span), send);
  } catch (error) {
    outcome = { [ATTRIBUTE.errorType]: error instanceof Error ? error.name : "unknown" };
    span.setAttributes(outcome).setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    const labels = { ...attributes, ...outcome };
    sent.add(messages.length, labels);
    operationDuration.record((performance.now() - startedAt) / 1000, labels);
    span.end();
  }
}

function describeMessages(messages: readonly Sent[]): Record<string, string | number> {
  const [first] = messages;
  if (messages.length !== 1 || first === undefined) return { [ATTRIBUTE.batchMessageCount]: messages.length };
  return { [ATTRIBUTE.messageId]: first.id, [ATTRIBUTE.bodySize]: first.payload.byteLength };
}

/** Messages that were created elsewhere, such as outbox rows, carry the context of their creation. */
function linkAll(messages: readonly Sent[]): Link[] {
  return messages
    .slice(0, LINKS_MAX)
    .map(({ headers = {}, id }) => toLink(headers, { [ATTRIBUTE.messageId]: id }))
    .filter((link) => link !== undefined);
}
