/** Every span, metric and attribute that settlement emits. */
import { withSpan } from "@mira/chassis";
import { extractContext } from "@mira/messaging";
import { SpanKind, type Meter, type Tracer } from "@opentelemetry/api";

export type SettlementMetrics = {
  readonly batchSettled: (transactions: number, seconds: number) => void;
  readonly batchFinalized: (count: number) => void;
  readonly resultRefused: (code: string) => void;
  readonly batchHeld: () => void;
  readonly resultHeard: (outcome: string) => void;
  readonly workRepublished: (partitions: number) => void;
};

export type SettlementGauges = {
  readonly unfinalizedBatches: () => number;
  readonly pendingBatches: () => number;
  readonly overlayAccounts: () => number;
  readonly waitingCalls: () => number;
  readonly auditEntries: () => number;
  readonly isHalted: () => number;
};

export function createMetrics(meter: Meter): SettlementMetrics {
  const settled = meter.createCounter("mira.settlement.transaction.settled", { unit: "{transaction}" });
  const duration = meter.createHistogram("mira.settlement.commit.duration", { unit: "s" });
  const finalized = meter.createCounter("mira.settlement.batch.finalized", { unit: "{batch}" });
  const refused = meter.createCounter("mira.settlement.result.refused", { unit: "{result}" });
  const held = meter.createCounter("mira.settlement.batch.held", { unit: "{batch}" });
  const heard = meter.createCounter("mira.settlement.result.heard", { unit: "{result}" });
  const republished = meter.createCounter("mira.settlement.partition.republished", { unit: "{partition}" });
  return {
    batchSettled: (transactions, seconds) => {
      settled.add(transactions);
      duration.record(seconds);
    },
    batchFinalized: (count) => finalized.add(count),
    resultRefused: (code) => refused.add(1, { "mira.refusal.code": code }),
    batchHeld: () => held.add(1),
    resultHeard: (outcome) => heard.add(1, { "mira.outcome": outcome }),
    workRepublished: (partitions) => republished.add(partitions),
  };
}

export function observeGauges(meter: Meter, gauges: SettlementGauges): void {
  const observed: ReadonlyArray<readonly [name: string, unit: string, read: () => number]> = [
    ["mira.settlement.batch.unfinalized", "{batch}", gauges.unfinalizedBatches],
    ["mira.settlement.batch.pending", "{batch}", gauges.pendingBatches],
    ["mira.settlement.overlay.accounts", "{account}", gauges.overlayAccounts],
    ["mira.settlement.call.waiting", "{call}", gauges.waitingCalls],
    ["mira.settlement.audit.entries", "{entry}", gauges.auditEntries],
    ["mira.settlement.ledger.halted", "1", gauges.isHalted],
  ];
  for (const [name, unit, read] of observed)
    meter.createObservableGauge(name, { unit }).addCallback((result) => result.observe(read()));
}

type Heard = { readonly subject: string; readonly headers: Readonly<Record<string, string>> };

/** Continues the trace of whoever sent the message. */
export function traceHeard(
  tracer: Tracer,
  { subject, headers }: Heard,
  work: () => Promise<void>,
): Promise<void> {
  const attributes = {
    "messaging.system": "nats",
    "messaging.operation.type": "process",
    "messaging.destination.name": subject,
  };
  const parent = extractContext(headers);
  return withSpan(tracer, `process ${subject}`, { kind: SpanKind.CONSUMER, attributes, parent }, work);
}
