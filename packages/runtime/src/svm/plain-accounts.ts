/** Remembers which accounts hold nothing but lamports, so that after transfers between them only their balances are read. */
import type { Lamports } from "@mira/primitives";
import { accountKeyBytes, type AccountValue } from "../wire/index.ts";
import { SYSTEM_PROGRAM } from "./account-keys.ts";
import type { Vm } from "./litesvm.ts";

export type PlainAccounts = {
  /** The account as it is in the VM. `lamportsOnly`: nothing since the last read could have changed more than its lamports. */
  read(vm: Vm, key: string, lamportsOnly: boolean): AccountValue | undefined;
  /** After accounts were put into the VM otherwise than by transactions. */
  forget(): void;
};

/** Some 20 MB of keys; beyond it they are learnt again. */
const KEYS_MAX = 200_000;
export const RENT_EPOCH_MAX = 2n ** 64n - 1n;
const systemProgram = accountKeyBytes(SYSTEM_PROGRAM);
const NO_DATA = new Uint8Array(0);

export function createPlainAccounts(): PlainAccounts {
  /** Plain, or not there: an account that lamports are sent to begins as a plain one. */
  const known = new Set<string>();
  return {
    read(vm, key, lamportsOnly) {
      if (lamportsOnly && known.has(key)) return describePlain(vm.getLamports(key));
      const value = vm.get(key);
      if (!isPlain(value)) known.delete(key);
      else if (known.size < KEYS_MAX) known.add(key);
      else known.clear();
      return value;
    },
    forget: () => known.clear(),
  };
}

/** Undefined with no lamports: such an account is not there. */
export function describePlain(lamports: bigint): AccountValue | undefined {
  if (lamports === 0n) return undefined;
  return {
    lamports: lamports as Lamports,
    owner: systemProgram,
    executable: false,
    rentEpoch: RENT_EPOCH_MAX,
    data: NO_DATA,
  };
}

function isPlain(value: AccountValue | undefined): boolean {
  if (value === undefined) return true;
  return (
    value.data.length === 0 &&
    !value.executable &&
    value.rentEpoch === RENT_EPOCH_MAX &&
    value.owner.every((byte, index) => byte === systemProgram[index])
  );
}
