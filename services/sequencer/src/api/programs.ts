/**
 * Which programs keep their code in another account: whoever locks such a program reads its code, so that lock is added. Programs
 * come into being by a Deploy instruction of a transaction and in no other way, so the directory misses none.
 */
import { decodeKey, invariant } from "@mira/primitives";
import {
  accountKey,
  accountKeyBytes,
  accountKeyOffset,
  type AccountLock,
  type DecodedTransaction,
} from "@mira/runtime/wire";
import { findProgramAddress } from "../domain/program-address.ts";

/** Past this no deployment is admitted: a program that is not known here could not be locked rightly. */
export const PROGRAMS_MAX = 65_536;
/** UpgradeableLoaderInstruction::DeployWithMaxDataLen: payer, programdata, program, ... */
const DEPLOY = 2;
const DEPLOY_PROGRAM_ACCOUNT = 2;

const loader = decodeKey("BPFLoaderUpgradeab1e11111111111111111111111");
invariant(loader !== undefined, "the upgradeable loader's key is a key");
const LOADER = loader;
const LOADER_KEY = accountKey(LOADER);

export class ProgramDirectory {
  /** Program -> the account of its code. */
  readonly #programdata = new Map<string, string>();

  get size(): number {
    return this.#programdata.size;
  }

  learn(program: string): void {
    if (this.#programdata.has(program)) return;
    this.#programdata.set(program, accountKey(findProgramAddress(accountKeyBytes(program), LOADER)));
  }

  /** The account to lock beside this one; undefined when this is no program that was ever deployed. */
  findProgramdata(key: string): string | undefined {
    return this.#programdata.get(key);
  }

  /** Keys of the locks' programdata accounts that the locks do not name themselves. */
  listCodeOf(locks: readonly AccountLock[]): string[] {
    if (this.#programdata.size === 0) return [];
    const code: string[] = [];
    for (const { key } of locks) {
      const programdata = this.#programdata.get(key);
      if (
        programdata !== undefined &&
        !code.includes(programdata) &&
        !locks.some((lock) => lock.key === programdata)
      )
        code.push(programdata);
    }
    return code;
  }
}

/** Programs that the transaction's top-level instructions deploy. A failed deployment leaves a name that harms nobody. */
export function listDeployments(
  decoded: DecodedTransaction,
  wire: Uint8Array,
  accounts: readonly AccountLock[],
): readonly string[] {
  const deployed: string[] = [];
  for (const {
    programIdIndex,
    dataOffset,
    dataLength,
    accountsOffset,
    accountsLength,
  } of decoded.instructions) {
    if (dataLength < 4 || wire[dataOffset] !== DEPLOY || accountsLength <= DEPLOY_PROGRAM_ACCOUNT) continue;
    if (accountKey(wire, accountKeyOffset(decoded, programIdIndex)) !== LOADER_KEY) continue;
    const program = accounts[wire[accountsOffset + DEPLOY_PROGRAM_ACCOUNT] ?? 0];
    if (program !== undefined) deployed.push(program.key);
  }
  return deployed.length === 0 ? NONE : deployed;
}

const NONE: readonly string[] = [];
