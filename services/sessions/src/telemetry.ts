/** Every metric that sessions emits, and the trace that a call belongs to. */
import type { MetricDeclaration } from "@mira/chassis";
import { isSpanContextValid, trace, type Meter } from "@opentelemetry/api";

const METRIC = {
  decided: {
    name: "mira.sessions.commands.decided",
    unit: "{command}",
    description: "Commands by kind and outcome: accepted, or the code of the refusal.",
  },
} as const satisfies Record<string, MetricDeclaration>;

export type SessionsMetrics = { readonly decided: (command: string, outcome: string) => void };

export function createMetrics(meter: Meter): SessionsMetrics {
  const decided = meter.createCounter(METRIC.decided.name, METRIC.decided);
  return {
    decided: (command, outcome) => decided.add(1, { "mira.command": command, "mira.outcome": outcome }),
  };
}

/** In hexadecimal; empty outside of a trace. */
export function findTraceId(): string {
  const context = trace.getActiveSpan()?.spanContext();
  return context !== undefined && isSpanContextValid(context) ? context.traceId : "";
}
