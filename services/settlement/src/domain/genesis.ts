/** What a network begins with: funded accounts inside the runtime, their deposit in escrow, and allocations on the base ledger. */
import {
  CanonicalWriter,
  decodeBase58,
  decodeKey,
  encodeBase58,
  refuse,
  succeed,
  type Refusal,
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

/** Of a genesis in one JSON document, which is read whole. A file of lines has no such bound. */
const DOCUMENT_ACCOUNTS_MAX = 150_000;
/** Of all accounts together, so that lamports stay signed 64-bit numbers in every sum. */
export const LAMPORTS_MAX = 2n ** 63n - 1n;
const SYSTEM_PROGRAM = new Uint8Array(32);

export type Invalid = Refusal<"REQUEST_INVALID">;

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
  if (accounts.length > DOCUMENT_ACCOUNTS_MAX)
    return invalid("accounts", `at most ${DOCUMENT_ACCOUNTS_MAX}; more go into a file of lines`);
  const allocations = parseAllocations(value["allocations"]);
  if (!allocations.ok) return allocations;
  accounts.sort((left, right) => Buffer.compare(left.key, right.key));
  const check = createAccountCheck();
  const wrong = accounts.map(check).find((refusal) => refusal !== undefined);
  return wrong ?? succeed({ accounts, allocations: allocations.value });
}

/** Sorted by name. */
export function parseAllocations(value: unknown): Result<Genesis["allocations"], "REQUEST_INVALID"> {
  const allocations: Array<{ account: string; units: bigint }> = [];
  for (const [index, item] of listOf(value).entries()) {
    const allocation = parseAllocation(item);
    if (allocation === undefined)
      return invalid(`allocations[${index}]`, "an account name, units in decimal");
    allocations.push(allocation);
  }
  if (new Set(allocations.map(({ account }) => account)).size !== allocations.length)
    return invalid("allocations", "each account once");
  return succeed(allocations.sort((left, right) => (left.account < right.account ? -1 : 1)));
}

/** What accounts must be together, told as they come: ascending by key, and not more lamports than there can be. */
export function createAccountCheck(): (account: GenesisAccount) => Invalid | undefined {
  let last: Uint8Array | undefined;
  let lamports = 0n;
  return (account) => {
    if (last !== undefined && Buffer.compare(last, account.key) >= 0)
      return invalid("accounts", `each key once, ascending; ${encodeBase58(account.key)} is not`);
    last = account.key;
    lamports += account.lamports;
    return lamports > LAMPORTS_MAX ? invalid("accounts", "less than 2^63 lamports in all") : undefined;
  };
}

/** The event of networks that began when a genesis was one event; a later start is compared with it. */
export function encodeWholeGenesis(genesis: Genesis): Uint8Array {
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
  lamports: bigint,
  allocations: Genesis["allocations"],
): Array<{ debit: string; credit: string; amount: bigint }> {
  const deposit = { debit: ISSUANCE_ACCOUNT, credit: ESCROW_ACCOUNT, amount: lamports };
  const allocated = allocations.map(({ account, units }) => ({
    debit: ISSUANCE_ACCOUNT,
    credit: account,
    amount: units,
  }));
  return [deposit, ...allocated].filter(({ amount }) => amount > 0n);
}

export function parseAccount(item: unknown): GenesisAccount | undefined {
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

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function invalid(field: string, needed: string): Invalid {
  return refuse("REQUEST_INVALID", `genesis: ${field} is not valid`, { field, needed });
}
