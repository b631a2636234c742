/** Every metric that the verifier emits. */
import type { MetricDeclaration } from "@mira/chassis";
import type { Meter } from "@opentelemetry/api";

const METRIC = {
  decided: {
    name: "mira.verifier.commands.decided",
    unit: "{command}",
    description: "Commands by kind and outcome: accepted, or the code of the refusal.",
  },
  verdicts: {
    name: "mira.verifier.claims.certified",
    unit: "{claim}",
    description: "Claims with a certified verdict, by verdict.",
  },
} as const satisfies Record<string, MetricDeclaration>;

export type VerifierMetrics = {
  readonly decided: (command: string, outcome: string) => void;
  readonly certified: (verdict: string) => void;
};

export function createMetrics(meter: Meter): VerifierMetrics {
  const decided = meter.createCounter(METRIC.decided.name, METRIC.decided);
  const verdicts = meter.createCounter(METRIC.verdicts.name, METRIC.verdicts);
  return {
    decided: (command, outcome) => decided.add(1, { "mira.command": command, "mira.outcome": outcome }),
    certified: (verdict) => verdicts.add(1, { "mira.verdict": verdict }),
  };
}
