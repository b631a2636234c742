/** What partitioning a batch yields: which transactions form one executor's unit of work. */

/** Partitions are numbered so that each waits only for lower numbers; inside one, transactions stand in sequence order. */
export type Cut = {
  readonly partitions: number;
  /** Partition p holds order[ends[p-1]..ends[p]]. */
  readonly order: Uint32Array;
  readonly ends: Uint32Array;
  /** The lane each partition was meant for. */
  readonly lanes: Uint16Array;
};

export type CutLimits = {
  /** Transactions in one partition. */
  readonly transactionsMax: number;
  /** Bytes of transactions in one partition. */
  readonly bytesMax: number;
};

export type CutCosts = {
  /** What one partition costs beside its transactions: messaging, fetching inputs, signing the result. */
  readonly partitionUs: number;
  /** How long a write takes to reach another lane. */
  readonly hopUs: number;
};

/** Groups transactions by partition, in sequence order, by counting. */
export function groupByPartition(partitionOf: Uint16Array, count: number, lanes: readonly number[]): Cut {
  const partitions = lanes.length;
  const ends = new Uint32Array(partitions);
  for (let transaction = 0; transaction < count; transaction++) {
    const partition = partitionOf[transaction] ?? 0;
    ends[partition] = (ends[partition] ?? 0) + 1;
  }
  for (let partition = 0, begin = 0; partition < partitions; partition++) {
    const size = ends[partition] ?? 0;
    ends[partition] = begin;
    begin += size;
  }
  const order = new Uint32Array(count);
  for (let transaction = 0; transaction < count; transaction++) {
    const partition = partitionOf[transaction] ?? 0;
    const at = ends[partition] ?? 0;
    order[at] = transaction;
    ends[partition] = at + 1;
  }
  return { partitions, order, ends, lanes: Uint16Array.from(lanes) };
}
