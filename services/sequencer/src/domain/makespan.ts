/** How long a cut takes: partitions run in order on their lanes, each when its lane is free and its inputs have arrived. */
import type { Cut, CutCosts } from "./cut.ts";
import type { BatchLocks, LockGraph } from "./lock-graph.ts";

export function estimateMakespanUs(cut: Cut, graph: LockGraph, locks: BatchLocks, costs: CutCosts): number {
  const partitionOf = new Uint16Array(graph.count);
  const endUs = new Float64Array(cut.partitions);
  const freeUs = new Float64Array(1 + cut.lanes.reduce((highest, lane) => Math.max(highest, lane), 0));
  let makespanUs = 0;
  for (let partition = 0, begin = 0; partition < cut.partitions; partition++) {
    const end = cut.ends[partition] ?? 0;
    const lane = cut.lanes[partition] ?? 0;
    let startUs = freeUs[lane] ?? 0;
    let workUs = costs.partitionUs;
    for (let place = begin; place < end; place++) partitionOf[cut.order[place] ?? 0] = partition;
    for (let place = begin; place < end; place++) {
      const transaction = cut.order[place] ?? 0;
      workUs += locks.weightsUs[transaction] ?? 0;
      let edge = transaction === 0 ? 0 : (graph.predEnds[transaction - 1] ?? 0);
      for (const last = graph.predEnds[transaction] ?? 0; edge < last; edge++) {
        const from = partitionOf[graph.preds[edge] ?? 0] ?? 0;
        if (from === partition) continue;
        const hopUs = cut.lanes[from] === lane ? 0 : costs.hopUs;
        startUs = Math.max(startUs, (endUs[from] ?? 0) + hopUs);
      }
    }
    endUs[partition] = freeUs[lane] = startUs + workUs;
    makespanUs = Math.max(makespanUs, startUs + workUs);
    begin = end;
  }
  return makespanUs;
}
