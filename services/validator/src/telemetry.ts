/** Every metric that the validator emits. */
import type { MetricDeclaration } from "@mira/chassis";
import type { Meter } from "@opentelemetry/api";
import type { Opinion } from "./domain/combine.ts";

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
  opinions: {
    name: "mira.validator.opinions.given",
    unit: "{opinion}",
    description: "Opinions of checkers that cannot prove, by checker and verdict.",
  },
  abstentions: {
    name: "mira.validator.opinions.withheld",
    unit: "{opinion}",
    description: "Opinions that a checker could not give: its server, its budget or its time failed it.",
  },
  modelTokens: {
    name: "mira.validator.model.tokens",
    unit: "{token}",
    description: "Tokens of opinions given, as servers count them, by checker and direction.",
  },
} as const satisfies Record<string, MetricDeclaration>;

export type ValidatorMetrics = {
  readonly done: (kind: string) => void;
  readonly failed: (kind: string) => void;
  readonly advised: (opinion: Opinion) => void;
  readonly abstained: (checker: string) => void;
};

export function createMetrics(meter: Meter): ValidatorMetrics {
  const tasks = meter.createCounter(METRIC.tasks.name, METRIC.tasks);
  const failures = meter.createCounter(METRIC.failures.name, METRIC.failures);
  const opinions = meter.createCounter(METRIC.opinions.name, METRIC.opinions);
  const abstentions = meter.createCounter(METRIC.abstentions.name, METRIC.abstentions);
  const tokens = meter.createCounter(METRIC.modelTokens.name, METRIC.modelTokens);
  return {
    advised: ({ checker, verdict, model }) => {
      opinions.add(1, { "mira.checker": checker, "mira.verdict": verdict });
      tokens.add(model.inputTokens, { "mira.checker": checker, "mira.direction": "input" });
      tokens.add(model.outputTokens, { "mira.checker": checker, "mira.direction": "output" });
    },
    abstained: (checker) => abstentions.add(1, { "mira.checker": checker }),
    done: (kind) => tasks.add(1, { "mira.task.kind": kind }),
    failed: (kind) => failures.add(1, { "mira.task.kind": kind }),
  };
}
