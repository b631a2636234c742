/** Every span, metric and attribute that the executor emits. */
import { SpanKind, type Meter, type Tracer } from "@opentelemetry/api";
import { extractTraceContext, injectTraceContext, withSpan, type TraceCarrier } from "@mira/chassis";
import type { PartitionHeader, Receipt } from "@mira/runtime/wire";

export type ExecutorTelemetry = {
  /** The carrier takes the trace on to whoever reads the result. */
  readonly tracePartition: <T>(
    header: PartitionHeader,
    work: (carrier: TraceCarrier) => Promise<T>,
  ) => Promise<T>;
  readonly countExecuted: (receipts: readonly Receipt[]) => void;
  readonly countReexecuted: (answer: string) => void;
};

export type ExecutorGauges = {
  readonly waitingPartitions: () => number;
  readonly cachedAccounts: () => number;
};

const BATCH_NUMBER = "mira.batch.number";
const PARTITION_INDEX = "mira.partition.index";
const RECEIPT_STATUS = "mira.receipt.status";
const REEXECUTION_ANSWER = "mira.reexecution.answer";
const STATUSES = ["succeeded", "failed", "no-op"] as const;

export function createTelemetry(tracer: Tracer, meter: Meter): ExecutorTelemetry {
  const executed = meter.createCounter("mira.executor.transaction.executed", { unit: "{transaction}" });
  const partitions = meter.createCounter("mira.executor.partition.executed", { unit: "{partition}" });
  const duration = meter.createHistogram("mira.executor.partition.duration", { unit: "s" });
  const answers = meter.createCounter("mira.executor.batch.reexecuted", { unit: "{batch}" });
  return {
    tracePartition: async (header, work) => {
      const startedAt = performance.now();
      const attributes = { [BATCH_NUMBER]: header.batchNumber, [PARTITION_INDEX]: header.partition };
      const parent = extractTraceContext({ traceparent: header.traceparent });
      const options = { kind: SpanKind.CONSUMER, attributes, parent };
      const result = await withSpan(tracer, "execute partition", options, () => work(injectTraceContext()));
      partitions.add(1);
      duration.record((performance.now() - startedAt) / 1000);
      return result;
    },
    countExecuted: (receipts) => {
      const counts = [0, 0, 0];
      for (const { status } of receipts) counts[status] = (counts[status] ?? 0) + 1;
      for (const [status, count] of counts.entries())
        if (count > 0) executed.add(count, { [RECEIPT_STATUS]: STATUSES[status] });
    },
    countReexecuted: (answer) => answers.add(1, { [REEXECUTION_ANSWER]: answer }),
  };
}

export function observeGauges(meter: Meter, gauges: ExecutorGauges): void {
  const observed: ReadonlyArray<readonly [name: string, unit: string, read: () => number]> = [
    ["mira.executor.partition.waiting", "{partition}", gauges.waitingPartitions],
    ["mira.executor.account.cached", "{account}", gauges.cachedAccounts],
  ];
  for (const [name, unit, read] of observed)
    meter.createObservableGauge(name, { unit }).addCallback((result) => result.observe(read()));
}
