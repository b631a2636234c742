/** Spans around work, and trace context as plain records for carriers that are not gRPC: message headers, stored events. */
import {
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type SpanOptions,
  type Tracer,
} from "@opentelemetry/api";

export type TraceCarrier = Record<string, string>;

export type WithSpanOptions = SpanOptions & {
  /** What the span belongs to; absent: whatever is active. */
  readonly parent?: Context;
};

/** Runs `work` in a span that ends with it; a thrown error is recorded and thrown on. */
export async function withSpan<T>(
  tracer: Tracer,
  name: string,
  options: WithSpanOptions,
  work: (span: Span) => Promise<T> | T,
): Promise<T> {
  const parent = options.parent ?? context.active();
  const span = tracer.startSpan(name, options, parent);
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span));
  } catch (error) {
    failSpan(span, error);
    throw error;
  } finally {
    span.end();
  }
}

export function failSpan(span: Span, error: unknown): void {
  if (!span.isRecording()) return;
  const failure = error instanceof Error ? error : new Error(String(error));
  span.recordException(failure);
  span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
}

/** W3C `traceparent` (and `tracestate`) of what is active, added to `carrier`; nothing when no trace is recorded. */
export function injectTraceContext(
  carrier: TraceCarrier = {},
  from: Context = context.active(),
): TraceCarrier {
  propagation.inject(from, carrier, defaultTextMapSetter);
  return carrier;
}

/** The context that a carrier brings, to be a parent or, through `trace.getSpanContext`, a link. */
export function extractTraceContext(carrier: Readonly<Record<string, string | undefined>>): Context {
  return propagation.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
}

/** Hexadecimal trace id of the active span; undefined when none is recorded. */
export function findTraceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}
