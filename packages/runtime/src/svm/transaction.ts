/** One sequenced transaction made ready to run: its locks, its fee, and the reason, if any, why it must not reach the VM. */
import { sha256, type SequenceNumber } from "@mira/primitives";
import { messageHash } from "../signatures.ts";
import {
  accountKey,
  computeFee,
  computeLocks,
  decodeSystemTransfers,
  decodeTransaction,
  usesDurableNonce,
  type AccountLock,
  type DecodedTransaction,
  type LoadedAddresses,
  type TransactionsView,
} from "../wire/index.ts";
import { LOADER_UPGRADEABLE, REFUSED_PROGRAMS } from "./account-keys.ts";

export type PreparedTransaction = {
  readonly sequence: SequenceNumber;
  readonly wire: Uint8Array;
  readonly messageHash: Uint8Array;
  /** In account order, as agave demotes them, none of them a write lock on the runtime itself; empty when the bytes name no valid set. */
  readonly locks: readonly AccountLock[];
  readonly fee: bigint;
  /** Nothing but lamports can change: System transfers and compute budget only. */
  readonly movesLamportsOnly: boolean;
  readonly usesLoader: boolean;
  readonly lookups: readonly PinnedLookup[];
  /** Why it is a no-op; empty when it may run. */
  readonly invalid: string;
};

/** A lookup table with the indexes used and the addresses that the sequencer found there. */
export type PinnedLookup = {
  readonly tableKey: string;
  readonly indexes: Uint8Array;
  readonly addresses: readonly Uint8Array[];
};

/** `noOps` are sequence numbers that must not reach the VM, with the reason. */
export function prepareAll(
  transactions: TransactionsView,
  isRuntimeAccount: (key: string) => boolean,
  noOps?: ReadonlyMap<number, string>,
): PreparedTransaction[] {
  const prepared: PreparedTransaction[] = [];
  for (let index = 0; index < transactions.count; index++) {
    const transaction = prepareTransaction(transactions, index, isRuntimeAccount);
    const reason = noOps?.get(transaction.sequence);
    prepared.push(reason === undefined ? transaction : { ...transaction, invalid: reason });
  }
  return prepared;
}

/** `isRuntimeAccount` tells the accounts that belong to the runtime itself and can be written by nobody. */
export function prepareTransaction(
  view: TransactionsView,
  index: number,
  isRuntimeAccount: (key: string) => boolean,
): PreparedTransaction {
  const wire = view.wire(index);
  const sequence = view.sequenceNumber(index);
  const decoded = decodeTransaction(wire);
  if (!decoded.ok) return createInvalid(sequence, wire, sha256(wire), decoded.code);
  const loaded = decoded.value.lookups.length === 0 ? undefined : view.loaded(index);
  const locks = computeLocks(decoded.value, wire, loaded);
  const hash = messageHash(wire, decoded.value);
  if (!locks.ok) return createInvalid(sequence, wire, hash, locks.code);
  return {
    sequence,
    wire,
    messageHash: hash,
    locks: locks.value.map((lock) =>
      lock.writable && isRuntimeAccount(lock.key) ? { ...lock, writable: false } : lock,
    ),
    fee: computeFee(decoded.value, wire),
    movesLamportsOnly: decodeSystemTransfers(decoded.value, wire).otherInstructions === 0,
    usesLoader: locks.value.some((lock) => lock.key === LOADER_UPGRADEABLE),
    lookups: loaded === undefined ? [] : pinLookups(decoded.value, wire, loaded),
    invalid: findInvalidity(decoded.value, wire, locks.value, isRuntimeAccount),
  };
}

function findInvalidity(
  decoded: DecodedTransaction,
  wire: Uint8Array,
  locks: readonly AccountLock[],
  isRuntimeAccount: (key: string) => boolean,
): string {
  if (usesDurableNonce(decoded, wire)) return "DURABLE_NONCE_REFUSED";
  for (const lock of locks) {
    if (REFUSED_PROGRAMS.has(lock.key)) return "PROGRAM_REFUSED";
    if (lock.writable && isRuntimeAccount(lock.key)) return "InvalidWritableAccount";
  }
  return "";
}

function pinLookups(decoded: DecodedTransaction, wire: Uint8Array, loaded: LoadedAddresses): PinnedLookup[] {
  let writableAt = 0;
  let readonlyAt = 0;
  return decoded.lookups.map((lookup) => {
    const writable = wire.subarray(lookup.writableOffset, lookup.writableOffset + lookup.writableCount);
    const readonly = wire.subarray(lookup.readonlyOffset, lookup.readonlyOffset + lookup.readonlyCount);
    const addresses = [
      ...loaded.writable.slice(writableAt, (writableAt += lookup.writableCount)),
      ...loaded.readonly.slice(readonlyAt, (readonlyAt += lookup.readonlyCount)),
    ];
    return {
      tableKey: accountKey(wire, lookup.tableKeyOffset),
      indexes: Buffer.concat([writable, readonly]),
      addresses,
    };
  });
}

function createInvalid(
  sequence: SequenceNumber,
  wire: Uint8Array,
  hash: Uint8Array,
  invalid: string,
): PreparedTransaction {
  return {
    sequence,
    wire,
    messageHash: hash,
    locks: [],
    fee: 0n,
    movesLamportsOnly: false,
    usesLoader: false,
    lookups: [],
    invalid,
  };
}
