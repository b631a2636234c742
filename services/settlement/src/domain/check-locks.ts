/**
 * Checks one result against the order of the ledger: it saw of every locked account, read or written, exactly the version
 * that comes before it, it wrote every account it locked for writing, and it wrote nothing else.
 */
import { refuse, type Refusal } from "@mira/primitives";
import { BEFORE_BATCH, type BatchFacts, type PreState, type ResultFacts } from "./facts.ts";
import { ABSENT } from "./key-table.ts";
import { demandedVersion } from "./lock-index.ts";

/** Who made which version: for the last write lock of an account in a result, where its write stands. Filled by checkLocks. */
export type LockLedger = {
  /** By lock position: number of the result + 1, and of the write in it. 0: no write ends there. */
  readonly producer: Int32Array;
  readonly producerWrite: Int32Array;
  /** By transaction: number of the result that covers it, + 1. */
  readonly covers: Int32Array;
  /** By key number, for the result under way; `stamp` tells whose they are, so that nothing is cleared between results. */
  readonly stamp: Int32Array;
  readonly current: Float64Array;
  readonly lastWrite: Int32Array;
  readonly inputStamp: Int32Array;
  /** Distinct accounts that the result under way locks for writing. */
  writeLocked: number;
  /** By result, by write: position of the account's last write lock in that result. */
  readonly writeLocks: Int32Array[];
};

export function createLockLedger(batch: BatchFacts): LockLedger {
  const [locks, keys] = [batch.lockKey.length, batch.keys.limit];
  return {
    producer: new Int32Array(locks),
    producerWrite: new Int32Array(locks),
    covers: new Int32Array(batch.count),
    stamp: new Int32Array(keys),
    current: new Float64Array(keys),
    lastWrite: new Int32Array(keys),
    inputStamp: new Int32Array(keys),
    writeLocked: 0,
    writeLocks: [],
  };
}

export type LockCheck = {
  readonly batch: BatchFacts;
  readonly pre: PreState;
  readonly result: ResultFacts;
  readonly index: number;
  readonly ledger: LockLedger;
};

type LockRefusal = Refusal<"RESULT_STALE_INPUT" | "RESULT_UNDECLARED_WRITE" | "RESULT_INCOMPLETE">;

export function checkLocks(check: LockCheck): LockRefusal | undefined {
  return takeInputs(check) ?? walkLocks(check) ?? checkWrites(check);
}

function takeInputs({ result, index, ledger }: LockCheck): LockRefusal | undefined {
  for (let input = 0; input < result.inputKey.length; input++) {
    const key = result.inputKey[input] ?? ABSENT;
    if (key === ABSENT)
      return refuse("RESULT_STALE_INPUT", "an input is locked by no transaction of the batch", { input });
    if (ledger.inputStamp[key] === index + 1)
      return refuse("RESULT_STALE_INPUT", "an account is input twice", { input });
    ledger.inputStamp[key] = index + 1;
    ledger.current[key] = result.inputVersion[input] ?? Number.NaN;
  }
  return undefined;
}

/** Follows each account through the result's transactions; what one of them wrote is what the next must be given. */
function walkLocks({ batch, pre, result, index, ledger }: LockCheck): LockRefusal | undefined {
  const { inputStamp, current, stamp, lastWrite } = ledger;
  ledger.writeLocked = 0;
  for (const sequence of result.sequences) {
    const transaction = sequence - batch.firstSequence;
    ledger.covers[transaction] = index + 1;
    const end = batch.lockStart[transaction + 1] ?? 0;
    for (let at = batch.lockStart[transaction] ?? 0; at < end; at++) {
      const key = batch.lockKey[at] ?? 0;
      const demanded = demandedVersion(batch, at, pre.version);
      if (inputStamp[key] !== index + 1 || current[key] !== demanded)
        return refuseVersion({
          sequence,
          demanded,
          got: inputStamp[key] === index + 1 ? current[key] : undefined,
        });
    }
    for (let at = batch.lockStart[transaction] ?? 0; at < end; at++) {
      if (batch.lockIsWrite[at] !== 1) continue;
      const key = batch.lockKey[at] ?? 0;
      current[key] = sequence + 1;
      if (stamp[key] !== index + 1) ledger.writeLocked++;
      stamp[key] = index + 1;
      lastWrite[key] = at;
    }
  }
  return undefined;
}

function refuseVersion(found: { sequence: number; demanded: number; got: number | undefined }): LockRefusal {
  return refuse(
    "RESULT_STALE_INPUT",
    "an account was read at another version than the ledger's order demands",
    {
      sequence: found.sequence,
      needed: found.demanded,
      got: found.got ?? "none",
    },
  );
}

function checkWrites({ result, index, ledger }: LockCheck): LockRefusal | undefined {
  if (!result.writesAreSorted)
    return refuse("RESULT_INCOMPLETE", "the writes are not sorted by key, or one is there twice");
  const writeLocks = new Int32Array(result.writeKey.length);
  for (let write = 0; write < result.writeKey.length; write++) {
    const key = result.writeKey[write] ?? ABSENT;
    if (key === ABSENT || ledger.stamp[key] !== index + 1)
      return refuse("RESULT_UNDECLARED_WRITE", "an account was written without a write lock", { write });
    if (result.writeVersion[write] !== ledger.current[key])
      return refuse("RESULT_INCOMPLETE", "a write carries another version than its last write lock gives", {
        needed: ledger.current[key] ?? 0,
        got: result.writeVersion[write] ?? 0,
      });
    const at = ledger.lastWrite[key] ?? 0;
    ledger.producer[at] = index + 1;
    ledger.producerWrite[at] = write;
    writeLocks[write] = at;
  }
  ledger.writeLocks[index] = writeLocks;
  return checkAllWritten(result, ledger.writeLocked);
}

/** Sorted keys are distinct and each is write-locked, so counting is enough. */
function checkAllWritten(result: ResultFacts, locked: number): LockRefusal | undefined {
  if (locked === result.writeKey.length) return undefined;
  return refuse("RESULT_INCOMPLETE", "a write-locked account is missing from the writes", {
    needed: locked,
    got: result.writeKey.length,
  });
}

/**
 * A version that stands in the middle of another result's work was never published, so nobody can have read it. Runs when
 * every result of the batch has passed checkLocks, since only then all producers are known.
 */
export function checkProducers({ batch, result, index, ledger }: LockCheck): LockRefusal | undefined {
  for (const sequence of result.sequences) {
    const transaction = sequence - batch.firstSequence;
    const end = batch.lockStart[transaction + 1] ?? 0;
    for (let at = batch.lockStart[transaction] ?? 0; at < end; at++) {
      const previous = batch.previousWrite[at] ?? BEFORE_BATCH;
      if (previous === BEFORE_BATCH || ledger.producer[previous] !== 0) continue;
      if (ledger.covers[batch.lockTransaction[previous] ?? 0] !== index + 1)
        return refuse("RESULT_STALE_INPUT", "an account was read in the middle of another result's work", {
          sequence,
        });
    }
  }
  return undefined;
}
