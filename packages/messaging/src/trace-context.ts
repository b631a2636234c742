/** Carries the trace context in message headers, as W3C has it: traceparent, tracestate, baggage. */
import { ROOT_CONTEXT, context, propagation, trace } from "@opentelemetry/api";
import type { Context, Link } from "@opentelemetry/api";
import type { Headers } from "./headers.ts";

/** The headers with the current context, unless they carry one already: an outbox row keeps the context of the request that wrote
 *  it, not that of the relay. */
export function injectContext(headers: Headers, current: Context = context.active()): Headers {
  if (headers["traceparent"] !== undefined) return headers;
  const carrier = { ...headers };
  propagation.inject(current, carrier);
  return carrier;
}

export function extractContext(headers: Headers): Context {
  return propagation.extract(ROOT_CONTEXT, headers);
}

export function toLink(headers: Headers, attributes: Record<string, string | number>): Link | undefined {
  const spanContext = trace.getSpanContext(extractContext(headers));
  return spanContext === undefined ? undefined : { context: spanContext, attributes };
}
