/** Every span and metric of the sequencer. */
import type { MetricDeclaration } from "@mira/chassis";
import type { Meter } from "@opentelemetry/api";

export const SPAN = {
  seal: "mira.sequencer.batch.seal",
  publish: "mira.sequencer.batch.publish",
} as const;

export const ATTRIBUTE = {
  batchNumber: "mira.batch.number",
  transactions: "mira.batch.transactions",
  partitions: "mira.batch.partitions",
  refusal: "mira.refusal",
} as const;

const METRIC = {
  admitted: {
    name: "mira.sequencer.transactions.admitted",
    unit: "{transaction}",
    description: "Transactions that were sequenced.",
  },
  refused: {
    name: "mira.sequencer.transactions.refused",
    unit: "{transaction}",
    description: "Transactions refused, by code. A hot account shows as ACCOUNT_CONGESTED.",
  },
  queued: {
    name: "mira.sequencer.transactions.queued",
    unit: "{transaction}",
    description: "Transactions admitted and not yet sealed.",
  },
  speculation: {
    name: "mira.sequencer.batches.unsettled",
    unit: "{batch}",
    description: "Batches sequenced and not yet settled; admission stops at the limit.",
  },
  batchSize: {
    name: "mira.sequencer.batch.size",
    unit: "{transaction}",
    description: "Transactions in a sealed batch.",
  },
  partitions: {
    name: "mira.sequencer.batch.partitions",
    unit: "{partition}",
    description: "Partitions cut from a sealed batch.",
  },
  sealDuration: {
    name: "mira.sequencer.batch.seal.duration",
    unit: "s",
    description: "From taking a batch to its commit.",
  },
  republished: {
    name: "mira.sequencer.batches.republished",
    unit: "{batch}",
    description: "Batches published again because settlement did not move on.",
  },
  leader: {
    name: "mira.sequencer.leader",
    unit: "1",
    description: "1 while this replica holds the lease.",
  },
} as const satisfies Record<string, MetricDeclaration>;

const SEAL_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
const SIZES = [1, 4, 16, 64, 128, 256, 512, 1_024];

export type SequencerMetrics = {
  readonly refused: (code: string, count: number) => void;
  readonly sealed: (batch: {
    readonly transactions: number;
    readonly partitions: number;
    readonly seconds: number;
  }) => void;
  readonly republished: (batches: number) => void;
};

export type Gauges = {
  readonly queued: () => number;
  readonly speculation: () => number;
  readonly isLeader: () => boolean;
};

export function createMetrics(meter: Meter, gauges: Gauges): SequencerMetrics {
  const admitted = meter.createCounter(METRIC.admitted.name, METRIC.admitted);
  const refused = meter.createCounter(METRIC.refused.name, METRIC.refused);
  const republished = meter.createCounter(METRIC.republished.name, METRIC.republished);
  const batchSize = meter.createHistogram(METRIC.batchSize.name, {
    ...METRIC.batchSize,
    advice: { explicitBucketBoundaries: SIZES },
  });
  const partitions = meter.createHistogram(METRIC.partitions.name, {
    ...METRIC.partitions,
    advice: { explicitBucketBoundaries: SIZES },
  });
  const sealDuration = meter.createHistogram(METRIC.sealDuration.name, {
    ...METRIC.sealDuration,
    advice: { explicitBucketBoundaries: SEAL_SECONDS },
  });
  observe(meter, METRIC.queued, gauges.queued);
  observe(meter, METRIC.speculation, gauges.speculation);
  observe(meter, METRIC.leader, () => (gauges.isLeader() ? 1 : 0));
  return {
    refused: (code, count) => refused.add(count, { [ATTRIBUTE.refusal]: code }),
    republished: (batches) => republished.add(batches),
    sealed: (batch) => {
      admitted.add(batch.transactions);
      batchSize.record(batch.transactions);
      partitions.record(batch.partitions);
      sealDuration.record(batch.seconds);
    },
  };
}

function observe(meter: Meter, metric: MetricDeclaration, read: () => number): void {
  meter.createObservableGauge(metric.name, metric).addCallback((result) => result.observe(read()));
}
