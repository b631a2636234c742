/**
 * User programs stay loaded in the VM between partitions, because loading verifies and compiles them. What the VM's program
 * cache holds is kept a pure function of (program account, programdata account, slot): it is never left to the order in which
 * transactions happened to touch them.
 */
import { bytesEqual } from "@mira/primitives";
import { accountKey, accountKeyBytes, type AccountValue } from "../wire/index.ts";
import { LOADER_UPGRADEABLE } from "./account-keys.ts";
import type { Vm } from "./litesvm.ts";

const PROGRAM_STATE = 2;
const PROGRAM_BYTES = 36;
const PROGRAMDATA_STATE = 3;
/** State tag, slot of deployment, optional authority: the ELF follows. */
export const PROGRAMDATA_HEADER_BYTES = 45;
const loaderUpgradeable = accountKeyBytes(LOADER_UPGRADEABLE);

type Loaded = {
  readonly program: AccountValue;
  readonly programdataKey: string | undefined;
  readonly programdata: AccountValue | undefined;
  readonly callable: boolean;
};

/** Map key of the account that holds the program's code; undefined for accounts that are no upgradeable program. */
export function findProgramdataKey(program: AccountValue): string | undefined {
  if (!program.executable || !bytesEqual(program.owner, loaderUpgradeable)) return undefined;
  if (program.data.length < PROGRAM_BYTES || program.data[0] !== PROGRAM_STATE) return undefined;
  return accountKey(program.data, 4);
}

export class ResidentPrograms {
  readonly #vm: Vm;
  readonly #loaded = new Map<string, Loaded>();
  readonly #byProgramdata = new Map<string, string>();

  constructor(vm: Vm) {
    this.#vm = vm;
  }

  get size(): number {
    return this.#loaded.size;
  }

  isProgram(key: string): boolean {
    return this.#loaded.has(key);
  }

  /** The VM keeps this account between partitions. */
  holds(key: string): boolean {
    return this.#loaded.has(key) || this.#byProgramdata.has(key);
  }

  /** Makes the VM hold and, from the slot after its deployment, call exactly this program. */
  load(key: string, program: AccountValue, programdata: AccountValue | undefined): void {
    const callable = isCallable(programdata, this.#vm.slot);
    const known = this.#loaded.get(key);
    if (
      known?.callable === callable &&
      isSame(known.program, program) &&
      isSame(known.programdata, programdata)
    )
      return;
    this.#reload(key, { program, programdataKey: findProgramdataKey(program), programdata, callable });
  }

  /** The slot moved on: programs that waited for it become callable. */
  advance(): void {
    for (const [key, known] of this.#loaded)
      if (!known.callable && isCallable(known.programdata, this.#vm.slot))
        this.#reload(key, { ...known, callable: true });
  }

  /** An input that is the code of a program which itself is no input: it must read as supplied. */
  setProgramdata(key: string, value: AccountValue | undefined): void {
    const programKey = this.#byProgramdata.get(key);
    const known = programKey === undefined ? undefined : this.#loaded.get(programKey);
    if (programKey !== undefined && known !== undefined) this.load(programKey, known.program, value);
  }

  /**
   * After a transaction that wrote one of the VM's programs, or used their loader: LiteSVM reloads some of them, depending on the
   * order of accounts in the message. All of them are loaded again from what the accounts now say.
   */
  refresh(writtenKeys: Iterable<string>): void {
    const touched = new Set<string>();
    for (const key of writtenKeys) {
      const programKey = this.#byProgramdata.get(key) ?? key;
      if (this.#loaded.has(programKey) || this.#vm.get(programKey)?.executable === true)
        touched.add(programKey);
    }
    for (const key of touched) this.#refreshProgram(key);
  }

  #refreshProgram(key: string): void {
    const program = this.#vm.get(key);
    if (program === undefined) return;
    const programdataKey = findProgramdataKey(program);
    const programdata = programdataKey === undefined ? undefined : this.#vm.get(programdataKey);
    this.#reload(key, {
      program,
      programdataKey,
      programdata,
      callable: isCallable(programdata, this.#vm.slot),
    });
  }

  #reload(key: string, next: Loaded): void {
    const { programdataKey, programdata } = next;
    if (programdataKey !== undefined) {
      this.#byProgramdata.set(programdataKey, key);
      if (next.callable && programdata !== undefined) this.#vm.set(programdataKey, programdata);
      else this.#vm.remove(programdataKey); // without its code the VM caches the program as closed
    }
    this.#vm.setProgram(key, next.program);
    if (programdataKey !== undefined && programdata !== undefined && !next.callable)
      this.#vm.set(programdataKey, programdata);
    this.#loaded.set(key, next);
  }
}

/** Solana's rule: from the slot after its deployment or upgrade. */
function isCallable(programdata: AccountValue | undefined, slot: number): boolean {
  return (
    programdata !== undefined &&
    bytesEqual(programdata.owner, loaderUpgradeable) &&
    programdata.data.length > PROGRAMDATA_HEADER_BYTES &&
    programdata.data[0] === PROGRAMDATA_STATE &&
    Buffer.from(programdata.data.buffer, programdata.data.byteOffset).readBigUInt64LE(4) < BigInt(slot)
  );
}

function isSame(left: AccountValue | undefined, right: AccountValue | undefined): boolean {
  if (left === right) return true;
  if (left === undefined || right === undefined) return false;
  return (
    left.lamports === right.lamports &&
    left.executable === right.executable &&
    left.rentEpoch === right.rentEpoch &&
    bytesEqual(left.owner, right.owner) &&
    bytesEqual(left.data, right.data)
  );
}
