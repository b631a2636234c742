/** Transactions that prepare the ledger for a workload: through the real path, settled and successful before anything is measured. */
import type { SequenceNumber } from "@mira/primitives";
import type { Cluster } from "./cluster.ts";

/** Signed late, so that the blockhash is fresh. */
export type Unsigned = (blockhash: Uint8Array) => Uint8Array;

const SLICE = 5_000;
const DEADLINE_MS = 60_000;

export async function submitSetUp(cluster: Cluster, transactions: readonly Unsigned[]): Promise<void> {
  const { generator, progress, getBlockhash } = cluster;
  for (let first = 0; first < transactions.length; first += SLICE) {
    const blockhash = await getBlockhash();
    const part = transactions.slice(first, first + SLICE).map((create) => Buffer.from(create(blockhash)));
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const sending = await generator.saturate(part, { callSize: 500, inFlight: 4, signal });
    if (Object.keys(sending.refused).length > 0)
      throw new Error(`setting up was refused: ${JSON.stringify(sending.refused)}`);
    await progress.waitFor("settled", sending.endSequence, signal);
    await assertSucceeded(cluster, sending.endSequence - 1);
  }
}

async function assertSucceeded({ localnet }: Cluster, sequence: number): Promise<void> {
  const receipt = await localnet.client.ledger.getReceipt(sequence as SequenceNumber);
  if (!receipt.ok) throw new Error(`a receipt was expected: ${receipt.message}`);
  if (!receipt.value.succeeded)
    throw new Error(`setting up failed: ${receipt.value.status} ${receipt.value.logs.join("; ")}`);
}
