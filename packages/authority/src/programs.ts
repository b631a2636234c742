/** The programs whose effects can be told from an instruction alone, and the instructions that no session may ever call. */
import type { InstructionName, Key } from "./caveat.ts";

export const SYSTEM_PROGRAM: Key = "11111111111111111111111111111111";
export const COMPUTE_BUDGET_PROGRAM: Key = "ComputeBudget111111111111111111111111111111";
export const TOKEN_PROGRAM: Key = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
export const MEMO_PROGRAMS: readonly Key[] = [
  "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr",
  "Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo",
];
export const SYSTEM_TRANSFER: InstructionName = { program: SYSTEM_PROGRAM, discriminator: "02000000" };
export const TOKEN_TRANSFER_CHECKED: InstructionName = { program: TOKEN_PROGRAM, discriminator: "0c" };

const TOKEN_2022_PROGRAM: Key = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb";
const LOADERS: readonly Key[] = [
  "BPFLoaderUpgradeab1e11111111111111111111111",
  "BPFLoader2111111111111111111111111111111111",
  "BPFLoader1111111111111111111111111111111111",
  "LoaderV411111111111111111111111111111111111",
];
/** Assign, AdvanceNonce, WithdrawNonce, InitializeNonce, AuthorizeNonce, AssignWithSeed, UpgradeNonce. */
const SYSTEM_CONTROL: readonly number[] = [1, 4, 5, 6, 7, 10, 12];
/** Approve, SetAuthority, CloseAccount, ApproveChecked. */
const TOKEN_CONTROL: readonly number[] = [4, 6, 9, 13];

/** Whether an instruction changes who has authority over what: no session may, whatever its grant says. */
export function isControl(program: Key, data: Uint8Array): boolean {
  if (LOADERS.includes(program)) return true;
  if (program === SYSTEM_PROGRAM) return SYSTEM_CONTROL.includes(data[0] ?? 1) || data.length < 4;
  if (program === TOKEN_PROGRAM || program === TOKEN_2022_PROGRAM)
    return TOKEN_CONTROL.includes(data[0] ?? 4);
  return false;
}

/** How many bytes name an instruction; a shorter name would stand for several of them. undefined: any of 1 to 16. */
export function discriminatorBytes(program: Key): number | undefined {
  if (program === SYSTEM_PROGRAM) return 4;
  return program === TOKEN_PROGRAM || program === TOKEN_2022_PROGRAM ? 1 : undefined;
}
