/** What a network begins with: funded accounts inside the runtime, their deposit in escrow, and allocations on the base ledger. */
import {
  CanonicalWriter,
  decodeBase58,
  decodeKey,
  encodeBase58,
  refuse,
  succeed,
  type Result,
} from "@mira/primitives";
import { ESCROW_ACCOUNT, ISSUANCE_ACCOUNT, isAccountName } from "./base-ledger.ts";

export type GenesisAccount = {
  readonly key: Uint8Array;
  readonly lamports: bigint;
  readonly owner: Uint8Array;
  readonly executable: boolean;
  readonly data: Uint8Array;
};

export type Genesis = {
  /** Sorted by key. */
  readonly accounts: readonly GenesisAccount[];
  /** By base-ledger account, sorted by name. */
  readonly allocations: ReadonlyArray<{ readonly account: string; readonly units: bigint }>;
};

/** So that the genesis event stays within the bytes of one payload. */
const ACCOUNTS_MAX = 150_000;
const SYSTEM_PROGRAM = new Uint8Array(32);

/**
 * `{"accounts": [{"key", "lamports", "owner"?, "executable"?, "data"?}], "allocations": [{"account", "units"}]}`: keys in
 * base58, amounts as decimal strings, data in base58.
 */
export function parseGenesis(value: unknown): Result<Genesis, "REQUEST_INVALID"> {
  if (!isRecord(value)) return invalid("genesis", "an object");
  const accounts: GenesisAccount[] = [];
  for (const [index, item] of listOf(value["accounts"]).entries()) {
    const account = parseAccount(item);
    if (account === undefined)
      return invalid(`accounts[${index}]`, "key and owner in base58, lamports in decimal");
    accounts.push(account);
  }
  const allocations: Array<{ account: string; units: bigint }> = [];
  for (const [index, item] of listOf(value["allocations"]).entries()) {
    const allocation = parseAllocation(item);
    if (allocation === undefined)
      return invalid(`allocations[${index}]`, "an account name, units in decimal");
    allocations.push(allocation);
  }
  return checkGenesis({
    accounts: accounts.sort((left, right) => Buffer.compare(left.key, right.key)),
    allocations: allocations.sort((left, right) => (left.account < right.account ? -1 : 1)),
  });
}

function checkGenesis(genesis: Genesis): Result<Genesis, "REQUEST_INVALID"> {
  if (genesis.accounts.length > ACCOUNTS_MAX) return invalid("accounts", `at most ${ACCOUNTS_MAX}`);
  const keys = new Set(genesis.accounts.map(({ key }) => encodeBase58(key)));
  if (keys.size !== genesis.accounts.length) return invalid("accounts", "each key once");
  if (new Set(genesis.allocations.map(({ account }) => account)).size !== genesis.allocations.length)
    return invalid("allocations", "each account once");
  if (sumLamports(genesis) >= 2n ** 63n) return invalid("accounts", "less than 2^63 lamports in all");
  return succeed(genesis);
}

export function sumLamports(genesis: Genesis): bigint {
  return genesis.accounts.reduce((sum, { lamports }) => sum + lamports, 0n);
}

/** Stable bytes: the stored event, and what a later start is compared with. */
export function encodeGenesis(genesis: Genesis): Uint8Array {
  const writer = new CanonicalWriter().text("mira:genesis:v1").u32(genesis.accounts.length);
  for (const { key, lamports, owner, executable, data } of genesis.accounts)
    writer
      .fixed(key, 32)
      .u64(lamports)
      .fixed(owner, 32)
      .u8(executable ? 1 : 0)
      .bytes(data);
  writer.u32(genesis.allocations.length);
  for (const { account, units } of genesis.allocations) writer.text(account).text(units.toString());
  return writer.finish();
}

/** The transfers that genesis means: the runtime's deposit first. */
export function listGenesisTransfers(
  genesis: Genesis,
): Array<{ debit: string; credit: string; amount: bigint }> {
  const deposit = { debit: ISSUANCE_ACCOUNT, credit: ESCROW_ACCOUNT, amount: sumLamports(genesis) };
  const allocations = genesis.allocations.map(({ account, units }) => ({
    debit: ISSUANCE_ACCOUNT,
    credit: account,
    amount: units,
  }));
  return [deposit, ...allocations].filter(({ amount }) => amount > 0n);
}

function parseAccount(item: unknown): GenesisAccount | undefined {
  if (!isRecord(item)) return undefined;
  const key = typeof item["key"] === "string" ? decodeKey(item["key"]) : undefined;
  const owner = typeof item["owner"] === "string" ? decodeKey(item["owner"]) : SYSTEM_PROGRAM;
  const lamports = parseAmount(item["lamports"]);
  const data = typeof item["data"] === "string" ? decodeBase58(item["data"]) : new Uint8Array(0);
  if (key === undefined || owner === undefined || lamports === undefined || data === undefined)
    return undefined;
  return { key, owner, lamports, data, executable: item["executable"] === true };
}

function parseAllocation(item: unknown): { account: string; units: bigint } | undefined {
  if (!isRecord(item)) return undefined;
  const account = item["account"];
  const units = parseAmount(item["units"]);
  if (typeof account !== "string" || !isAccountName(account) || units === undefined) return undefined;
  if (account === ESCROW_ACCOUNT || account === ISSUANCE_ACCOUNT) return undefined;
  return { account, units };
}

function parseAmount(value: unknown): bigint | undefined {
  return typeof value === "string" && /^[1-9]\d{0,29}$/.test(value) ? BigInt(value) : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(field: string, needed: string): Result<never, "REQUEST_INVALID"> {
  return refuse("REQUEST_INVALID", `genesis: ${field} is not valid`, { field, needed });
}
