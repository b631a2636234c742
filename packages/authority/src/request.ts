/** What somebody asks to do under a session: a transaction taken apart, and what can be told of its effects beforehand. */
import type { Lamports, UnixMs } from "@mira/primitives";
import type { Asset, Key } from "./caveat.ts";
import { COMPUTE_BUDGET_PROGRAM, MEMO_PROGRAMS, SYSTEM_PROGRAM, TOKEN_PROGRAM } from "./programs.ts";

export type ActionInstruction = {
  readonly program: Key;
  readonly accounts: readonly Key[];
  readonly data: Uint8Array;
};

export type ActionRequest = {
  readonly instructions: readonly ActionInstruction[];
  /** Accounts that the transaction may write. */
  readonly writable: readonly Key[];
  readonly signers: readonly Key[];
  readonly feePayer: Key;
  /** Whose signature makes use of the authority. */
  readonly redeemer: Key;
  readonly feeLamports: Lamports;
  readonly at: UnixMs;
};

/** An amount of an asset that leaves somebody's hand. */
export type Movement = {
  readonly asset: Asset;
  /** Whose authority moves it. */
  readonly by: Key;
  readonly to: Key;
  readonly amount: bigint;
};

/** The movements of an instruction; undefined when the instruction alone does not tell what it will do. */
export function readMovements({
  program,
  accounts,
  data,
}: ActionInstruction): readonly Movement[] | undefined {
  if (program === COMPUTE_BUDGET_PROGRAM || MEMO_PROGRAMS.includes(program)) return [];
  if (program === SYSTEM_PROGRAM) return readSystemTransfer(accounts, data);
  return program === TOKEN_PROGRAM ? readTokenTransfer(accounts, data) : undefined;
}

const SYSTEM_TRANSFER_BYTES = 12;
const TOKEN_TRANSFER_BYTES = 10;

function readSystemTransfer(accounts: readonly Key[], data: Uint8Array): readonly Movement[] | undefined {
  const [by, to] = accounts;
  if (data.length !== SYSTEM_TRANSFER_BYTES || by === undefined || to === undefined) return undefined;
  if (readInteger(data, 0, 4) !== 2n) return undefined;
  return [{ asset: "lamports", by, to, amount: readInteger(data, 4, 8) ?? 0n }];
}

/** TransferChecked: it names the mint, so the asset is known without looking at an account. */
function readTokenTransfer(accounts: readonly Key[], data: Uint8Array): readonly Movement[] | undefined {
  const [, mint, to, by] = accounts;
  if (data.length !== TOKEN_TRANSFER_BYTES || data[0] !== 12) return undefined;
  // With more accounts the authority is a multisig of them, which is not the owner's own.
  if (mint === undefined || to === undefined || by === undefined || accounts.length !== 4) return undefined;
  return [{ asset: mint, by, to, amount: readInteger(data, 1, 8) ?? 0n }];
}

/** An unsigned little-endian integer; undefined where the bytes end before it does. */
export function readInteger(data: Uint8Array, offset: number, bytes: number): bigint | undefined {
  if (offset + bytes > data.length) return undefined;
  let value = 0n;
  for (let at = offset + bytes - 1; at >= offset; at--) value = value * 256n + BigInt(data[at] ?? 0);
  return value;
}

export type Spends = ReadonlyMap<Asset, bigint>;

export function sumMovements(movements: readonly Movement[]): Spends {
  const spends = new Map<Asset, bigint>();
  for (const { asset, amount } of movements) spends.set(asset, (spends.get(asset) ?? 0n) + amount);
  return spends;
}
