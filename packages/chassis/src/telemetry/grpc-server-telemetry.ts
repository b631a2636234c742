/** One span and one duration per call that a server handles. */
import { ServerInterceptingCall, status as Status, type ServerInterceptor } from "@grpc/grpc-js";
import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Meter,
  type Span,
  type Tracer,
} from "@opentelemetry/api";
import {
  createDurationHistogram,
  describeMethod,
  extractFromMetadata,
  memoize,
  MethodAttributes,
  nameStatus,
} from "./grpc-attributes.ts";
import { CALLS_OPEN, SERVER_CALL_DURATION } from "./names.ts";

/** Statuses that are the server's fault; a refusal is an answer. */
const SERVER_ERRORS: ReadonlySet<Status> = new Set([
  Status.UNKNOWN,
  Status.DEADLINE_EXCEEDED,
  Status.UNIMPLEMENTED,
  Status.INTERNAL,
  Status.UNAVAILABLE,
  Status.DATA_LOSS,
]);

export type GrpcTelemetry = { readonly tracer: Tracer; readonly meter: Meter };

/** MUST be the first interceptor: it sees a call before, and its status after, all others. */
export function createServerTelemetry({ tracer, meter }: GrpcTelemetry): ServerInterceptor {
  const durations = createDurationHistogram(meter, SERVER_CALL_DURATION);
  const open = meter.createUpDownCounter(CALLS_OPEN.name, CALLS_OPEN);
  const attributesOf = memoize((path) => new MethodAttributes(describeMethod(path)));

  return (definition, call) => {
    const startedAt = performance.now();
    const attributes = attributesOf(definition.path);
    let span: Span | undefined;
    let ended = false;
    open.add(1, attributes.start);

    function end(code: Status): void {
      if (ended) return;
      ended = true;
      const isError = SERVER_ERRORS.has(code);
      const outcome = attributes.ended(code, isError);
      open.add(-1, attributes.start);
      durations.record((performance.now() - startedAt) / 1000, outcome);
      if (span?.isRecording() === true) {
        span.setAttributes(outcome);
        if (isError) span.setStatus({ code: SpanStatusCode.ERROR, message: nameStatus(code) });
      }
      span?.end();
    }

    return new ServerInterceptingCall(call, {
      start: (next) => {
        let active = ROOT_CONTEXT;
        next({
          onReceiveMetadata: (metadata, forward) => {
            const parent = extractFromMetadata(ROOT_CONTEXT, metadata);
            span = tracer.startSpan(
              describeMethod(definition.path),
              { kind: SpanKind.SERVER, attributes: attributes.start },
              parent,
            );
            active = trace.setSpan(parent, span);
            context.with(active, () => forward(metadata));
          },
          onReceiveHalfClose: (forward) => context.with(active, forward),
          // A status that grpc-js makes itself passes no responder: it is told from a cancellation by the deadline.
          onCancel: () => end(hasPassed(call.getDeadline()) ? Status.DEADLINE_EXCEEDED : Status.CANCELLED),
        });
      },
      sendStatus: (status, forward) => {
        end(status.code);
        forward(status);
      },
    });
  };
}

function hasPassed(deadline: Date | number): boolean {
  return Number(deadline) <= Date.now();
}
