/**
 * The SVM with the whole ledger inside, for re-execution: batches run serially, in order, on state that never leaves the VM. Agrees
 * with the partitioned runtime byte for byte; shares with it only the running of one transaction after the other.
 */
import { invariant } from "@mira/primitives";
import type { AccountValue, AccountWrite, TransactionsView } from "../wire/index.ts";
import { runTransactions } from "./execution.ts";
import { Vm, type SvmHeader } from "./litesvm.ts";
import { createPlainAccounts, type PlainAccounts } from "./plain-accounts.ts";
import { announced, finishWithPauses, type ExecuteOptions } from "./pace.ts";
import { findProgramdataKey, ResidentPrograms } from "./programs.ts";
import { createRuntimeAccountTest } from "./runtime-accounts.ts";
import { computeRuntimeId } from "./runtime-id.ts";
import type { SvmOutput } from "./svm-runtime.ts";
import { prepareAll, type PreparedTransaction } from "./transaction.ts";

export type ResidentSvm = {
  /** 32 bytes. */
  readonly runtimeId: Uint8Array;
  /** Puts accounts in, as of a snapshot: ALL of them before the first batch, because an account left out reads as empty. */
  load(accounts: Iterable<{ readonly key: string; readonly value: AccountValue }>): void;
  /** Lets the event loop turn now and then. The caller MUST wait for it before the next call. */
  executeWithPauses(
    header: SvmHeader,
    transactions: TransactionsView,
    options?: ExecuteOptions,
  ): Promise<SvmOutput>;
};

export function createResidentSvm(): ResidentSvm {
  const vm = new Vm();
  const programs = new ResidentPrograms(vm);
  const plain = createPlainAccounts();
  const runtimeAccounts = vm.readAll();
  const isRuntimeAccount = createRuntimeAccountTest(runtimeAccounts);
  return {
    runtimeId: computeRuntimeId(runtimeAccounts),
    load(accounts) {
      const executables = new Map<string, AccountValue>();
      for (const { key, value } of accounts) {
        if (isRuntimeAccount(key)) continue;
        if (value.executable) executables.set(key, value);
        else vm.set(key, value);
      }
      plain.forget();
      loadPrograms(vm, programs, executables);
    },
    executeWithPauses: (header, transactions, { noOps, onTransaction } = {}) => {
      vm.setHeader(header);
      programs.advance();
      const prepared = prepareAll(transactions, isRuntimeAccount, noOps);
      return finishWithPauses(run({ vm, programs, plain }, prepared, onTransaction));
    },
  };
}

/** After everything else, so that their code is there. */
function loadPrograms(
  vm: Vm,
  programs: ResidentPrograms,
  executables: ReadonlyMap<string, AccountValue>,
): void {
  for (const [key, value] of executables) {
    const programdataKey = findProgramdataKey(value);
    programs.load(key, value, programdataKey === undefined ? undefined : vm.get(programdataKey));
  }
}

type Resident = { readonly vm: Vm; readonly programs: ResidentPrograms; readonly plain: PlainAccounts };

function* run(
  { vm, programs, plain }: Resident,
  transactions: readonly PreparedTransaction[],
  onTransaction: ExecuteOptions["onTransaction"],
): Generator<undefined, SvmOutput, undefined> {
  const before = sumWriteLocked(vm, transactions);
  const { receipts, written, fees } = yield* announced(
    runTransactions(vm, programs, transactions),
    onTransaction,
  );
  const writes: AccountWrite[] = [...written.keys()].sort().flatMap((key) => {
    const account = written.get(key);
    if (account === undefined) return [];
    return [{ key, version: account.version, value: plain.read(vm, key, account.lamportsOnly) }];
  });
  const after = writes.reduce((sum, write) => sum + (write.value?.lamports ?? 0n), 0n);
  invariant(before - after === fees, () => `lamports lost: needed ${fees} in fees, got ${before - after}`);
  return { receipts, writes };
}

function sumWriteLocked(vm: Vm, transactions: readonly PreparedTransaction[]): bigint {
  const keys = new Set<string>();
  for (const { locks } of transactions) for (const lock of locks) if (lock.writable) keys.add(lock.key);
  let sum = 0n;
  for (const key of keys) sum += vm.getLamports(key);
  return sum;
}
