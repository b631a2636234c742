/**
 * The SVM as a pure function: (header, inputs, transactions) -> receipts and write set, the same bytes from any process, from a
 * fresh or a reused VM. One warm VM per runtime; one runtime per process.
 */
import { encodeBase58, invariant, refuse, succeed, type Result } from "@mira/primitives";
import {
  accountKeyBytes,
  type AccountValue,
  type AccountWrite,
  type Receipt,
  type TransactionsView,
} from "../wire/index.ts";
import { runTransactions, type Execution } from "./execution.ts";
import { Vm, type SvmHeader } from "./litesvm.ts";
import { findProgramdataKey, ResidentPrograms } from "./programs.ts";
import { computeRuntimeId } from "./runtime-id.ts";
import { announced, finish, finishWithPauses, type ExecuteOptions } from "./pace.ts";
import { createRuntimeAccountTest } from "./runtime-accounts.ts";
import { prepareAll, type PreparedTransaction } from "./transaction.ts";
import { readWriteSet } from "./write-set.ts";

/** By map key; undefined = declared absent. A key that is not in the map was not supplied. */
export type SvmInputs = ReadonlyMap<string, AccountValue | undefined>;
export type SvmOutput = {
  /** In sequence order. */
  readonly receipts: readonly Receipt[];
  /** Every write-locked account, changed or not, sorted by key. */
  readonly writes: readonly AccountWrite[];
};

export type SvmRuntime = {
  /** 32 bytes. */
  readonly runtimeId: Uint8Array;
  /** Accounts of the runtime itself (programs, sysvars, feature gates), as of genesis: never inputs, never written. */
  readonly runtimeAccounts: ReadonlyMap<string, AccountValue>;
  /** Also true of reserved keys that hold no account. */
  isRuntimeAccount(key: string): boolean;
  /**
   * Runs nothing unless every locked account is supplied. The caller MUST yield to the event loop (setImmediate) between calls: the
   * VM's native objects are only freed there.
   */
  execute(
    header: SvmHeader,
    inputs: SvmInputs,
    transactions: TransactionsView,
    options?: ExecuteOptions,
  ): Result<SvmOutput, "PARTITION_INPUTS_MISSING">;
  /** The same, letting the event loop turn between transactions now and then. The caller MUST wait for it before the next call. */
  executeWithPauses(
    header: SvmHeader,
    inputs: SvmInputs,
    transactions: TransactionsView,
    options?: ExecuteOptions,
  ): Promise<Result<SvmOutput, "PARTITION_INPUTS_MISSING">>;
  /** Another runtime with a VM of its own. */
  fresh(): SvmRuntime;
};

/** The VM clones its table of programs for every transaction, so a VM with many is replaced by a fresh one. */
const RESIDENT_PROGRAMS_MAX = 64;

export function createSvmRuntime(): SvmRuntime {
  let { vm, programs } = createVm();
  const runtimeAccounts = vm.readAll();
  const isRuntimeAccount = createRuntimeAccountTest(runtimeAccounts);
  return {
    runtimeId: computeRuntimeId(runtimeAccounts),
    runtimeAccounts,
    isRuntimeAccount,
    fresh: createSvmRuntime,
    execute: (...parts) => finish(run(...parts)),
    executeWithPauses: (...parts) => finishWithPauses(run(...parts)),
  };

  function* run(
    header: SvmHeader,
    inputs: SvmInputs,
    transactions: TransactionsView,
    { noOps, onTransaction }: ExecuteOptions = {},
  ): Generator<undefined, Result<SvmOutput, "PARTITION_INPUTS_MISSING">, undefined> {
    const prepared = prepareAll(transactions, isRuntimeAccount, noOps);
    const missing = findMissingInput(prepared, transactions, inputs, isRuntimeAccount);
    if (missing !== undefined) return refuseMissing(missing);
    if (programs.size > RESIDENT_PROGRAMS_MAX || clashesWithPrograms(programs, inputs))
      ({ vm, programs } = createVm());
    vm.setHeader(header);
    loadInputs(vm, programs, inputs, isRuntimeAccount);
    const execution = yield* announced(runTransactions(vm, programs, prepared), onTransaction);
    const writes = readWriteSet(vm, execution.written, inputs);
    clear(vm, programs, inputs, writes, isRuntimeAccount);
    assertConserved(execution, writes, inputs);
    return succeed({ receipts: execution.receipts, writes });
  }
}

function createVm(): { vm: Vm; programs: ResidentPrograms } {
  const vm = new Vm();
  return { vm, programs: new ResidentPrograms(vm) };
}

/** The VM takes an account it was not given for an empty one, silently: so nothing may be left out. */
function findMissingInput(
  prepared: readonly PreparedTransaction[],
  transactions: TransactionsView,
  inputs: SvmInputs,
  isRuntimeAccount: (key: string) => boolean,
): string | undefined {
  const isMissing = (key: string): boolean => !inputs.has(key) && !isRuntimeAccount(key);
  for (const [index, transaction] of prepared.entries()) {
    for (const lock of transaction.locks) {
      if (isMissing(lock.key)) return lock.key;
      const programdataKey = findCode(inputs.get(lock.key));
      if (programdataKey !== undefined && isMissing(programdataKey)) return programdataKey;
    }
    for (const lookup of transaction.lookups) if (isMissing(lookup.tableKey)) return lookup.tableKey;
    for (const key of transactions.implicitReads(index))
      if (isMissing(Buffer.from(key).toString("latin1"))) return Buffer.from(key).toString("latin1");
  }
  return undefined;
}

function findCode(value: AccountValue | undefined): string | undefined {
  return value?.executable === true ? findProgramdataKey(value) : undefined;
}

function refuseMissing(key: string): ReturnType<SvmRuntime["execute"]> {
  return refuse("PARTITION_INPUTS_MISSING", "An account that the partition locks was not supplied.", {
    account: encodeBase58(accountKeyBytes(key)),
  });
}

/** A program cannot be taken out of the VM's cache, so an older state in which it is none needs another VM. */
function clashesWithPrograms(programs: ResidentPrograms, inputs: SvmInputs): boolean {
  if (programs.size === 0) return false;
  for (const [key, value] of inputs) if (programs.isProgram(key) && value?.executable !== true) return true;
  return false;
}

function loadInputs(
  vm: Vm,
  programs: ResidentPrograms,
  inputs: SvmInputs,
  isRuntimeAccount: (key: string) => boolean,
): void {
  const executables: [string, AccountValue][] = [];
  for (const [key, value] of inputs) {
    if (isRuntimeAccount(key)) continue;
    if (value?.executable === true) executables.push([key, value]);
    else if (programs.holds(key)) programs.setProgramdata(key, value);
    else if (value !== undefined) vm.set(key, value);
  }
  for (const [key, value] of executables) {
    const programdataKey = findProgramdataKey(value);
    programs.load(key, value, programdataKey === undefined ? undefined : inputs.get(programdataKey));
  }
}

/** Afterwards the VM holds what it held when it was new, and the programs. */
function clear(
  vm: Vm,
  programs: ResidentPrograms,
  inputs: SvmInputs,
  writes: readonly AccountWrite[],
  isRuntimeAccount: (key: string) => boolean,
): void {
  const isOurs = (key: string): boolean => !programs.holds(key) && !isRuntimeAccount(key);
  for (const [key, value] of inputs) if (value !== undefined && isOurs(key)) vm.remove(key);
  for (const { key, value } of writes)
    if (value !== undefined && inputs.get(key) === undefined && isOurs(key)) vm.remove(key);
}

/** Fees are computed here and burned by the VM; if the two ever differ the result must not leave this process. */
function assertConserved(execution: Execution, writes: readonly AccountWrite[], inputs: SvmInputs): void {
  let lost = 0n;
  for (const { key, value } of writes) lost += (inputs.get(key)?.lamports ?? 0n) - (value?.lamports ?? 0n);
  invariant(lost === execution.fees, () => `lamports lost: needed ${execution.fees} in fees, got ${lost}`);
}
