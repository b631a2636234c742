/** Every metric that the validator emits. */
import type { MetricDeclaration } from "@mira/chassis";
import type { Meter } from "@opentelemetry/api";

const METRIC = {
  tasks: {
    name: "mira.validator.tasks.done",
    unit: "{task}",
    description: "Commits, reveals and signatures that the verifier accepted, by kind.",
  },
  failures: {
    name: "mira.validator.tasks.failed",
    unit: "{task}",
    description: "Commits, reveals and signatures that were refused or did not arrive, by kind.",
  },
} as const satisfies Record<string, MetricDeclaration>;

export type ValidatorMetrics = {
  readonly done: (kind: string) => void;
  readonly failed: (kind: string) => void;
};

export function createMetrics(meter: Meter): ValidatorMetrics {
  const tasks = meter.createCounter(METRIC.tasks.name, METRIC.tasks);
  const failures = meter.createCounter(METRIC.failures.name, METRIC.failures);
  return {
    done: (kind) => tasks.add(1, { "mira.task.kind": kind }),
    failed: (kind) => failures.add(1, { "mira.task.kind": kind }),
  };
}
