/** Runs prepared transactions one after the other in a VM that already holds their accounts: receipts, and what was written. */
import {
  bytesEqual,
  invariant,
  type AccountVersion,
  type Lamports,
  type SequenceNumber,
} from "@mira/primitives";
import { accountKeyBytes, type AccountValue, type Receipt } from "../wire/index.ts";
import { ADDRESS_LOOKUP_TABLE } from "./account-keys.ts";
import { isFeeCharged } from "./error-words.ts";
import type { Vm } from "./litesvm.ts";
import { findProgramdataKey, PROGRAMDATA_HEADER_BYTES, type ResidentPrograms } from "./programs.ts";
import type { PinnedLookup, PreparedTransaction } from "./transaction.ts";

export type WrittenAccount = {
  readonly version: AccountVersion;
  /** Every transaction that write-locked it could change nothing but its lamports. */
  readonly lamportsOnly: boolean;
};
export type Execution = {
  readonly receipts: readonly Receipt[];
  readonly written: ReadonlyMap<string, WrittenAccount>;
  readonly fees: bigint;
};

/** Header of a lookup table's account; addresses follow, 32 bytes each. */
const LOOKUP_TABLE_HEADER_BYTES = 56;
const lookupTableProgram = accountKeyBytes(ADDRESS_LOOKUP_TABLE);
/** An account that its transaction would leave in a state on which LiteSVM aborts the process. */
const UNUSABLE_PROGRAMDATA = "InvalidWritableAccount";
const LOOKUP_CHANGED = "AddressLookupTableChanged";

/** Stops before every transaction, so that whoever runs it may pause there; the VM MUST NOT be used for anything else meanwhile. */
export function* runTransactions(
  vm: Vm,
  programs: ResidentPrograms,
  transactions: readonly PreparedTransaction[],
): Generator<SequenceNumber, Execution, undefined> {
  const written = new Map<string, WrittenAccount>();
  const receipts: Receipt[] = [];
  let fees = 0n;
  for (const transaction of transactions) {
    yield transaction.sequence;
    const receipt = runTransaction(vm, programs, transaction);
    receipts.push(receipt);
    fees += receipt.fee;
    noteWrites(written, transaction);
  }
  return { receipts, written, fees };
}

function runTransaction(vm: Vm, programs: ResidentPrograms, transaction: PreparedTransaction): Receipt {
  const touchesPrograms = transaction.usesLoader || writesProgram(programs, transaction);
  const invalid = transaction.invalid || findLateInvalidity(vm, transaction, touchesPrograms);
  if (invalid !== "") return createNoOp(transaction, invalid);
  const { error, computeUnits, logs } = vm.send(transaction.wire);
  if (!isFeeCharged(error, computeUnits) || (error !== "" && transaction.fee === 0n))
    return createNoOp(transaction, error);
  if (touchesPrograms && error === "") programs.refresh(writeLockedKeys(transaction));
  return {
    sequence: transaction.sequence,
    messageHash: transaction.messageHash,
    status: error === "" ? 0 : 1,
    error,
    fee: transaction.fee as Lamports,
    computeUnits,
    logs,
  };
}

/** Sequenced, but nothing of it happens and nothing is charged. */
export function createNoOp(
  transaction: Pick<PreparedTransaction, "sequence" | "messageHash">,
  error: string,
): Receipt {
  invariant(error !== "", "a no-op receipt needs its reason");
  return {
    sequence: transaction.sequence,
    messageHash: transaction.messageHash,
    status: 2,
    error,
    fee: 0n as Lamports,
    computeUnits: 0,
    logs: [],
  };
}

function noteWrites(written: Map<string, WrittenAccount>, transaction: PreparedTransaction): void {
  const version = (transaction.sequence + 1) as AccountVersion;
  for (const lock of transaction.locks) {
    if (!lock.writable) continue;
    const before = written.get(lock.key);
    const lamportsOnly = transaction.movesLamportsOnly && before?.lamportsOnly !== false;
    written.set(lock.key, { version, lamportsOnly });
  }
}

function writesProgram(programs: ResidentPrograms, transaction: PreparedTransaction): boolean {
  if (programs.size === 0) return false;
  return transaction.locks.some((lock) => lock.writable && programs.holds(lock.key));
}

/** What can only be told from the state just before the transaction. */
function findLateInvalidity(vm: Vm, transaction: PreparedTransaction, touchesPrograms: boolean): string {
  for (const lookup of transaction.lookups) if (!resolvesAsPinned(vm, lookup)) return LOOKUP_CHANGED;
  return touchesPrograms && leavesProgramUnusable(vm, transaction) ? UNUSABLE_PROGRAMDATA : "";
}

/** LiteSVM resolves lookups again; it must find the addresses that were locked. */
function resolvesAsPinned(vm: Vm, lookup: PinnedLookup): boolean {
  const table = vm.get(lookup.tableKey);
  if (table === undefined || !bytesEqual(table.owner, lookupTableProgram)) return false;
  return lookup.addresses.every((address, position) => {
    const at = LOOKUP_TABLE_HEADER_BYTES + (lookup.indexes[position] ?? 0) * 32;
    return bytesEqual(table.data.subarray(at, at + 32), address);
  });
}

/**
 * LiteSVM loads every written program again and unwraps: a program whose programdata exists but holds no code (closed, then given
 * lamports) aborts the process. The transaction is tried aside first, and one that ends so is a no-op.
 */
function leavesProgramUnusable(vm: Vm, transaction: PreparedTransaction): boolean {
  const after = vm.foresee(transaction.wire);
  if (after === undefined) return false;
  return [...after.values()].some((account) => {
    const key = findProgramdataKey(account);
    if (key === undefined) return false;
    const candidates = [after.get(key), vm.get(key)];
    return candidates.some((value) => isUnusable(value));
  });
}

function isUnusable(programdata: AccountValue | undefined): boolean {
  return (
    programdata !== undefined &&
    programdata.lamports > 0n &&
    programdata.data.length < PROGRAMDATA_HEADER_BYTES
  );
}

function* writeLockedKeys(transaction: PreparedTransaction): Iterable<string> {
  for (const lock of transaction.locks) if (lock.writable) yield lock.key;
}
