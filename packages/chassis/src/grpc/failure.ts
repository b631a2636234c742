/** What a caller is told when a handler throws: a refusal as such, anything else without its inside. */
import { Metadata, status as Status } from "@grpc/grpc-js";
import { refusalToStatus, type RefusalStatus } from "@mira/api";
import { RefusalError, refuse } from "@mira/primitives";
import { failSpan, findTraceId } from "../telemetry/spans.ts";
import { trace } from "@opentelemetry/api";
import { createDrainingRefusal } from "./admission.ts";
import { CallEnded, type CallContext } from "./call-context.ts";
import { CallError } from "./call-error.ts";

export function failureToStatus(error: unknown, call: CallContext): RefusalStatus {
  if (error instanceof RefusalError) return refusalToStatus(error.refusal);
  const ended = findCallEnd(error, call);
  if (ended !== undefined) return ended;
  if (error instanceof CallError && error.isUnavailable) {
    call.logger.warn({ error, method: call.method }, "a service that this one asks did not answer");
    return refusalToStatus(refuse("DEPENDENCY_UNAVAILABLE", "a service that this one asks did not answer"));
  }
  return hideFailure(error, call);
}

/** Work that stopped because its call ended is not a failure. */
function findCallEnd(error: unknown, call: CallContext): RefusalStatus | undefined {
  if (!call.signal.aborted || !isAbortion(error, call.signal.reason)) return undefined;
  const reason = call.signal.reason instanceof CallEnded ? call.signal.reason.reason : "cancelled";
  if (reason === "draining") return refusalToStatus(createDrainingRefusal());
  return reason === "deadline"
    ? { code: Status.DEADLINE_EXCEEDED, details: "Deadline exceeded", metadata: new Metadata() }
    : { code: Status.CANCELLED, details: "Cancelled", metadata: new Metadata() };
}

/** Node's own waits throw an AbortError that has the reason as its cause. */
function isAbortion(error: unknown, reason: unknown): boolean {
  return (
    error === reason || (error instanceof Error && (error.name === "AbortError" || error.cause === reason))
  );
}

function hideFailure(error: unknown, call: CallContext): RefusalStatus {
  const traceId = findTraceId();
  call.logger.error({ error, method: call.method, peer: call.peer }, "a call failed unexpectedly");
  const span = trace.getActiveSpan();
  if (span !== undefined) failSpan(span, error);
  const details = traceId === undefined ? "internal error" : `internal error, trace ${traceId}`;
  return { code: Status.INTERNAL, details, metadata: new Metadata() };
}
