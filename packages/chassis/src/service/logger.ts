/** Structured logs: one JSON object per line on stdout, with the ids of the active span. */
import { trace, type Span } from "@opentelemetry/api";
import { pino, stdTimeFunctions, type DestinationStream, type Logger } from "pino";

export type { Logger } from "pino";

/** A second fence: code does not log these in the first place. */
const REDACTED = [
  "seed",
  "secret",
  "password",
  "privateKey",
  "databaseUrl",
  "*.seed",
  "*.secret",
  "*.password",
  "*.privateKey",
  "*.databaseUrl",
];

export type LoggerOptions = {
  readonly service: string;
  readonly version: string;
  readonly level: string;
};

export function createLogger(options: LoggerOptions, destination?: DestinationStream): Logger {
  const settings = {
    level: options.level,
    base: { service: options.service, version: options.version },
    messageKey: "message",
    errorKey: "error",
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED, censor: "[redacted]" },
    mixin: () => describeSpan(trace.getActiveSpan()),
  };
  return pino(settings, destination ?? openStdout());
}

/** Line by line, at once: pino's own default writes later, and then a process that ends loses its last words or says them out of order. */
function openStdout(): DestinationStream {
  return pino.destination({ dest: process.stdout.fd, sync: true });
}

function describeSpan(span: Span | undefined): object {
  if (span === undefined) return {};
  const { traceId, spanId } = span.spanContext();
  return { trace_id: traceId, span_id: spanId };
}
