/** The ledger as a re-executor holds it: loaded from a snapshot, advanced batch by batch, never from what others computed. */
import { setImmediate } from "node:timers/promises";
import { createResidentSvm, type ResidentSvm, type SvmOutput } from "@mira/runtime";
import { bytesEqual } from "@mira/primitives";
import { decodeSettledBatch, encodeWriteLeaf, type AccountWrite, type SealedBatch } from "@mira/runtime/wire";
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
  let last: LastBatch | undefined;
  for await (const { finalizedBatches, accounts } of ledger.readSnapshot(signal)) {
    last ??= await readLastBatch(ledger, finalizedBatches, signal);
    if (last.finalized !== finalizedBatches)
      throw new SnapshotUnusable(`parts as of ${last.finalized} and of ${finalizedBatches} batches`);
    svm.load(accounts.flatMap(({ key, value }) => (value === undefined ? [] : [{ key, value }])));
    for (const account of accounts) seeAccount(last, account);
    await setImmediate();
  }
  if (last === undefined) throw new SnapshotUnusable("it is empty");
  if (![...last.missing.values()].every(isDeletion))
    throw new SnapshotUnusable(`it lacks what batch ${last.finalized - 1} wrote`);
  return new Replica(svm, last.finalized, last.nextSequence);
}

/**
 * What the last batch wrote must be in the snapshot, or it is older than it says. Looked for while the accounts go by, so that not all of
 * them need be remembered.
 */
type LastBatch = {
  readonly finalized: number;
  readonly nextSequence: number | undefined;
  /** By account: what was not seen yet. */
  readonly missing: Map<string, AccountWrite>;
};

async function readLastBatch(
  ledger: SettledLedger,
  finalized: number,
  signal: AbortSignal,
): Promise<LastBatch> {
  if (finalized === 0) return { finalized, nextSequence: undefined, missing: new Map() };
  const bytes = await ledger.readSettled(finalized - 1, signal);
  if (bytes === undefined)
    throw new SnapshotUnusable(`batch ${finalized - 1}, which it holds, cannot be read`);
  const { header, receipts, writes } = decodeSettledBatch(bytes);
  const missing = new Map<string, AccountWrite>();
  for (let index = 0; index < writes.count; index++) {
    const write = writes.write(index);
    missing.set(write.key, write);
  }
  return { finalized, nextSequence: header.firstSequence + receipts.count, missing };
}

function seeAccount(last: LastBatch, account: SettledAccount): void {
  const write = last.missing.get(account.key);
  if (write === undefined) return;
  if (!isIn(write, account)) throw new SnapshotUnusable(`it lacks what batch ${last.finalized - 1} wrote`);
  last.missing.delete(account.key);
}

function isDeletion({ value }: AccountWrite): boolean {
  return value === undefined;
}

function isIn(write: AccountWrite, account: SettledAccount): boolean {
  if (write.value === undefined) return account.value === undefined;
  if (account.value === undefined || account.version !== write.version) return false;
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
