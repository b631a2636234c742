/** One span and one duration per attempt that a client makes, and W3C trace context in its metadata. */
import {
  InterceptingCall,
  status as Status,
  type Interceptor,
  type Metadata,
  type StatusObject,
} from "@grpc/grpc-js";
import { context, SpanKind, SpanStatusCode, trace, type Attributes, type Span } from "@opentelemetry/api";
import { statusToRefusal } from "@mira/api";
import {
  createDurationHistogram,
  describeMethod,
  injectIntoMetadata,
  memoize,
  MethodAttributes,
  nameStatus,
} from "./grpc-attributes.ts";
import type { GrpcTelemetry } from "./grpc-server-telemetry.ts";
import { CLIENT_CALL_DURATION, MIRA_REFUSAL, SERVER_ADDRESS } from "./names.ts";

export function createClientTelemetry({ tracer, meter }: GrpcTelemetry, target: string): Interceptor {
  const durations = createDurationHistogram(meter, CLIENT_CALL_DURATION);
  const attributesOf = memoize((path) => new MethodAttributes(describeMethod(path)));

  return (options, nextCall) => {
    const { path } = options.method_definition;
    const attributes = attributesOf(path);
    return new InterceptingCall(nextCall(options), {
      start: (metadata, _listener, next) => {
        const startedAt = performance.now();
        const span = tracer.startSpan(describeMethod(path), {
          kind: SpanKind.CLIENT,
          attributes: { ...attributes.start, [SERVER_ADDRESS]: target },
        });
        injectSpan(span, metadata);
        next(metadata, {
          onReceiveStatus: (status, forward) => {
            const outcome = attributes.ended(status.code, status.code !== Status.OK);
            durations.record((performance.now() - startedAt) / 1000, outcome);
            endSpan(span, status, outcome);
            forward(status);
          },
        });
      },
    });
  };
}

function injectSpan(span: Span, metadata: Metadata): void {
  injectIntoMetadata(trace.setSpan(context.active(), span), metadata);
}

function endSpan(span: Span, status: StatusObject, outcome: Attributes): void {
  if (span.isRecording()) {
    span.setAttributes(outcome);
    if (status.code !== Status.OK) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: nameStatus(status.code) });
      const refusal = statusToRefusal(status);
      if (refusal !== undefined) span.setAttribute(MIRA_REFUSAL, refusal.code);
    }
  }
  span.end();
}
