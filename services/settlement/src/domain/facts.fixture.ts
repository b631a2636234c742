/** Batches and honest results in a few words, for tests of the domain: accounts are single letters. */
import type { BatchNumber, SequenceNumber, UnixMs } from "@mira/primitives";
import type { BatchFacts, PreState, ResultFacts, SessionFact } from "./facts.ts";
import { LockIndexBuilder } from "./lock-index.ts";

/** `"Ab"`: writes A, reads B. A transfer `from > to: amount` has its effect in `moves`. */
export type SampleTransaction = {
  readonly locks: string;
  readonly fee?: bigint;
  readonly moves?: ReadonlyArray<readonly [from: string, to: string, lamports: bigint]>;
  readonly session?: { readonly owner: string; readonly transferLamports: bigint };
};

export const FIRST_SEQUENCE = 100 as SequenceNumber;
const HASH = new Uint8Array(32).fill(7);
const RUNTIME = new Uint8Array(32).fill(9);

export function keyOf(letter: string): Uint8Array {
  return new Uint8Array(32).fill(letter.toUpperCase().charCodeAt(0));
}

export function sampleBatch(transactions: readonly SampleTransaction[]): BatchFacts {
  const builder = new LockIndexBuilder(transactions.length);
  const fees = new BigUint64Array(transactions.length);
  const sessions: SessionFact[] = [];
  transactions.forEach((transaction, index) => {
    for (const letter of transaction.locks)
      builder.addLock(keyOf(letter), 0, letter === letter.toUpperCase());
    builder.endTransaction();
    fees[index] = transaction.fee ?? 10n;
  });
  const locks = builder.finish();
  transactions.forEach(({ session }, transaction) => {
    if (session === undefined) return;
    const owner = locks.keys.find(keyOf(session.owner));
    const { transferLamports } = session;
    sessions.push({
      transaction,
      sessionId: `session-${transaction}`,
      owner,
      messageHash: HASH,
      transferLamports,
    });
  });
  return {
    batchNumber: 3 as BatchNumber,
    firstSequence: FIRST_SEQUENCE,
    count: transactions.length,
    batchHash: HASH,
    runtimeId: RUNTIME,
    sealedAt: 1 as UnixMs,
    fees: new Uint32Array(fees.buffer),
    sessions,
    ...locks,
  };
}

/** Every account holds 1,000,000 lamports at version 50 before the batch. */
export function samplePre(batch: BatchFacts): PreState {
  const lamports = new BigUint64Array(batch.keys.limit).fill(1_000_000n);
  return { version: new Float64Array(batch.keys.limit).fill(50), lamports: new Uint32Array(lamports.buffer) };
}

/** What honest executors answer when `partitions` lists the places each of them runs, executed in the order of the batch. */
export function honestResults(
  batch: BatchFacts,
  transactions: readonly SampleTransaction[],
  partitions: ReadonlyArray<readonly number[]>,
): ResultFacts[] {
  const balances = new Map<string, bigint>();
  const versions = new Map<string, number>();
  const drafts = partitions.map((places) => ({
    places,
    inputs: new Map<string, number>(),
    writes: new Map<string, Written>(),
  }));
  transactions.forEach((transaction, place) => {
    const draft = drafts.find(({ places }) => places.includes(place));
    if (draft === undefined) return;
    for (const letter of transaction.locks) {
      const name = letter.toUpperCase();
      if (!draft.inputs.has(name)) draft.inputs.set(name, versions.get(name) ?? 50);
    }
    applyMoves(transaction, balances);
    for (const name of transaction.locks.replaceAll(/[a-z]/g, "")) {
      versions.set(name, FIRST_SEQUENCE + place + 1);
      draft.writes.set(name, {
        version: FIRST_SEQUENCE + place + 1,
        lamports: balances.get(name) ?? 1_000_000n,
      });
    }
  });
  return drafts.map((draft, partition) => toResult(batch, draft, partition));
}

type Written = { readonly version: number; readonly lamports: bigint };
type Draft = {
  readonly places: readonly number[];
  readonly inputs: ReadonlyMap<string, number>;
  readonly writes: ReadonlyMap<string, Written>;
};

function applyMoves(
  { locks, fee = 10n, moves = [] }: SampleTransaction,
  balances: Map<string, bigint>,
): void {
  const add = (name: string, by: bigint): unknown =>
    balances.set(name, (balances.get(name) ?? 1_000_000n) + by);
  add(locks.charAt(0), -fee);
  for (const [from, to, lamports] of moves) {
    add(from, -lamports);
    add(to, lamports);
  }
}

function toResult(batch: BatchFacts, { places, inputs, writes }: Draft, partition: number): ResultFacts {
  const written = [...writes].sort(([left], [right]) => (left < right ? -1 : 1));
  const numbers = (names: Iterable<string>): Int32Array =>
    Int32Array.from(names, (name) => batch.keys.find(keyOf(name)));
  const fees = Uint32Array.from(
    places.flatMap((place) => [batch.fees[2 * place] ?? 0, batch.fees[2 * place + 1] ?? 0]),
  );
  return {
    batchNumber: batch.batchNumber,
    partition,
    batchHash: batch.batchHash,
    runtimeId: batch.runtimeId,
    executorKey: new Uint8Array(32).fill(partition + 1),
    executedAt: 5 as UnixMs,
    sequences: Float64Array.from(places, (place) => FIRST_SEQUENCE + place),
    statuses: new Uint8Array(places.length),
    fees,
    inputKey: numbers(inputs.keys()),
    inputVersion: Float64Array.from(inputs.values()),
    writeKey: numbers(written.map(([name]) => name)),
    writeVersion: Float64Array.from(written, ([, { version }]) => version),
    writeLamports: new Uint32Array(BigUint64Array.from(written, ([, { lamports }]) => lamports).buffer),
    writesAreSorted: true,
  };
}
