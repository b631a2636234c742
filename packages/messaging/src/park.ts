/** Puts a message that could not be handled where people can find it, with the reason. */
import { SpanKind } from "@opentelemetry/api";
import { HEADER } from "./headers.ts";
import type { Headers } from "./headers.ts";
import type { Delivered } from "./delivered.ts";
import { publish } from "./publish.ts";
import { redeclare } from "./reconcile.ts";
import type { Session } from "./session.ts";
import { ATTRIBUTE, describeOperation } from "./telemetry.ts";
import { parkedSubject } from "./topology.ts";
import { PublishFailed } from "./errors.ts";

const REASON_CHARACTERS_MAX = 1_000;
const DEADLINE_MS = 5_000;

/** Resolves when the message is stored in MIRA_PARKED. The caller MUST NOT answer for the original before. */
export async function parkMessage(
  session: Session,
  {
    delivery,
    durable,
    reason,
  }: { readonly delivery: Delivered; readonly durable: string; readonly reason: string },
): Promise<void> {
  const { spanName, attributes } = describeOperation("settle", "park", delivery.subject);
  const span = session.telemetry.tracer.startSpan(spanName, {
    kind: SpanKind.CLIENT,
    attributes: { ...attributes, [ATTRIBUTE.consumerGroup]: durable, [ATTRIBUTE.parkedReason]: reason },
  });
  try {
    await publishParked(session, delivery, describeParking(delivery, durable, reason));
  } finally {
    span.end();
  }
  session.telemetry.parked.add(1, {
    [ATTRIBUTE.destination]: delivery.subject,
    [ATTRIBUTE.consumerGroup]: durable,
  });
  session.logger.error(
    {
      subject: delivery.subject,
      id: delivery.id,
      stream: delivery.stream,
      sequence: delivery.sequence,
      deliveries: delivery.deliveryCount,
      durable,
      reason,
    },
    "message parked",
  );
}

async function publishParked(session: Session, delivery: Delivered, headers: Headers): Promise<void> {
  const message = {
    subject: parkedSubject(delivery.subject),
    payload: delivery.payload,
    // Parking twice, because the answer for the original was lost, leaves one parked message.
    id: `parked:${delivery.stream}:${delivery.sequence}:${delivery.id}`,
    headers,
  };
  try {
    await publish(session, message, { deadlineMs: DEADLINE_MS });
  } catch (error) {
    if (!(error instanceof PublishFailed) || !error.streamIsMissing) throw error;
    await redeclare(session);
    await publish(session, message, { deadlineMs: DEADLINE_MS });
  }
}

function describeParking(delivery: Delivered, durable: string, reason: string): Headers {
  const { [HEADER.messageId]: _original, ...carried } = delivery.headers;
  return {
    ...carried,
    [HEADER.parkedReason]: reason.slice(0, REASON_CHARACTERS_MAX),
    [HEADER.parkedStream]: delivery.stream,
    [HEADER.parkedConsumer]: durable,
    [HEADER.parkedSubject]: delivery.subject,
    [HEADER.parkedSequence]: String(delivery.sequence),
    [HEADER.parkedDeliveries]: String(delivery.deliveryCount),
    [HEADER.parkedMessageId]: delivery.id,
  };
}
