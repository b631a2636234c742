/** The ledger as a re-executor holds it: loaded from a snapshot, advanced batch by batch, never from what others computed. */
import { setImmediate } from "node:timers/promises";
import { createResidentSvm, type ResidentSvm, type SvmOutput } from "@mira/runtime";
import { bytesEqual } from "@mira/primitives";
import {
  decodeSettledBatch,
  encodeWriteLeaf,
  type AccountWrite,
  type SealedBatch,
  type SettledBatch,
} from "@mira/runtime/wire";
import type { SettledAccount, SettledLedger } from "../ports.ts";

export type LedgerReplica = {
  readonly runtimeId: Uint8Array;
  /** The batch that comes next. */
  readonly nextBatch: number;
  /** Sequence number that it must begin with; undefined when no batch came before. */
  readonly nextSequence: number | undefined;
  execute(batch: SealedBatch, noOps: ReadonlyMap<number, string>): Promise<SvmOutput>;
};

/** The snapshot cannot be what it says: nothing can be told from it. */
export class SnapshotUnusable extends Error {}

export async function loadReplica(ledger: SettledLedger, signal: AbortSignal): Promise<LedgerReplica> {
  const svm = createResidentSvm();
  const versions = new Map<string, SettledAccount>();
  let finalized: number | undefined;
  for await (const { finalizedBatches, accounts } of ledger.readSnapshot(signal)) {
    if (finalized !== undefined && finalized !== finalizedBatches)
      throw new SnapshotUnusable(`parts as of ${finalized} and of ${finalizedBatches} batches`);
    finalized = finalizedBatches;
    svm.load(accounts.flatMap(({ key, value }) => (value === undefined ? [] : [{ key, value }])));
    for (const account of accounts) versions.set(account.key, account);
    await setImmediate();
  }
  if (finalized === undefined) throw new SnapshotUnusable("it is empty");
  const last = await checkLastBatch(ledger, finalized, versions, signal);
  return new Replica(
    svm,
    finalized,
    last === undefined ? undefined : last.header.firstSequence + last.receipts.count,
  );
}

/** What the last batch wrote must be in the snapshot, or it is older than it says. */
async function checkLastBatch(
  ledger: SettledLedger,
  finalized: number,
  accounts: ReadonlyMap<string, SettledAccount>,
  signal: AbortSignal,
): Promise<SettledBatch | undefined> {
  if (finalized === 0) return undefined;
  const bytes = await ledger.readSettled(finalized - 1, signal);
  if (bytes === undefined)
    throw new SnapshotUnusable(`batch ${finalized - 1}, which it holds, cannot be read`);
  const batch = decodeSettledBatch(bytes);
  for (let index = 0; index < batch.writes.count; index++) {
    const write = batch.writes.write(index);
    if (!isIn(write, accounts.get(write.key)))
      throw new SnapshotUnusable(`it lacks what batch ${finalized - 1} wrote`);
  }
  return batch;
}

/** An account that was deleted may be left out. */
function isIn(write: AccountWrite, account: SettledAccount | undefined): boolean {
  if (write.value === undefined) return account?.value === undefined;
  if (account?.value === undefined || account.version !== write.version) return false;
  return bytesEqual(encodeWriteLeaf(write), encodeWriteLeaf({ ...write, value: account.value }));
}

class Replica implements LedgerReplica {
  readonly #svm: ResidentSvm;
  nextBatch: number;
  nextSequence: number | undefined;

  constructor(svm: ResidentSvm, nextBatch: number, nextSequence: number | undefined) {
    this.#svm = svm;
    this.nextBatch = nextBatch;
    this.nextSequence = nextSequence;
  }

  get runtimeId(): Uint8Array {
    return this.#svm.runtimeId;
  }

  async execute(
    { header, transactions }: SealedBatch,
    noOps: ReadonlyMap<number, string>,
  ): Promise<SvmOutput> {
    const output = await this.#svm.executeWithPauses(header, transactions, { noOps });
    this.nextBatch++;
    this.nextSequence = header.firstSequence + transactions.count;
    return output;
  }
}
