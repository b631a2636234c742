/** Every metric that staking emits. */
import type { MetricDeclaration } from "@mira/chassis";
import type { Meter } from "@opentelemetry/api";

const METRIC = {
  decided: {
    name: "mira.staking.commands.decided",
    unit: "{command}",
    description: "Commands by kind and outcome: accepted, or the code of the refusal.",
  },
  dutiesRefused: {
    name: "mira.staking.duties.refused",
    unit: "{duty}",
    description:
      "Movements on the base ledger that an event demands and settlement refuses: each wants a person.",
  },
} as const satisfies Record<string, MetricDeclaration>;

export type StakingMetrics = {
  readonly decided: (command: string, outcome: string) => void;
  readonly dutyRefused: () => void;
};

export function createMetrics(meter: Meter): StakingMetrics {
  const decided = meter.createCounter(METRIC.decided.name, METRIC.decided);
  const dutiesRefused = meter.createCounter(METRIC.dutiesRefused.name, METRIC.dutiesRefused);
  return {
    decided: (command, outcome) => decided.add(1, { "mira.command": command, "mira.outcome": outcome }),
    dutyRefused: () => dutiesRefused.add(1),
  };
}
