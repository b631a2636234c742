/** What the process says about itself. */
import type { Meter } from "@opentelemetry/api";
import { EVENT_LOOP_DELAY_MAX, MEMORY_RESIDENT, type MetricDeclaration } from "./names.ts";

export function observeProcess(meter: Meter, eventLoop: { readonly maxDelayMs: () => number }): void {
  observe(meter, EVENT_LOOP_DELAY_MAX, () => eventLoop.maxDelayMs() / 1000);
  observe(meter, MEMORY_RESIDENT, () => process.memoryUsage.rss());
}

function observe(meter: Meter, metric: MetricDeclaration, read: () => number): void {
  meter.createObservableGauge(metric.name, metric).addCallback((result) => result.observe(read()));
}
