/**
 * A genesis of any size as events: chunks of accounts, each written in a short transaction of its own, then the event that closes it with
 * the number of accounts, their lamports and the root over all of them. Before that one there is no network.
 */
import { CompactRange, hashLeaf } from "@mira/merkle";
import { CanonicalWriter, concatBytes } from "@mira/primitives";
import type { Genesis, GenesisAccount } from "./genesis.ts";

/** Of one event and one transaction: below 2 MB, and some tenths of a second. Stored chunks depend on it: it never changes. */
export const CHUNK_ACCOUNTS = 10_000;
const ACCOUNT_HEAD_BYTES = 77;

/** Big-endian: a tag, the number of accounts, then each as encodeAccount has it. */
export function encodeChunk(accounts: readonly GenesisAccount[]): Uint8Array {
  const head = new CanonicalWriter().text("mira:genesis-chunk:v1").u32(accounts.length).finish();
  return concatBytes(head, ...accounts.map(encodeAccount));
}

/** Key, lamports (u64), owner, executable (u8), data (u32 length). Also the leaf of the account in the tree over all accounts. */
export function encodeAccount({ key, lamports, owner, executable, data }: GenesisAccount): Uint8Array {
  // From Node's pool: a million buffers of their own would leave the process's memory in pieces.
  const bytes = Buffer.allocUnsafe(ACCOUNT_HEAD_BYTES + data.length);
  bytes.set(key, 0);
  bytes.writeBigUInt64BE(lamports, 32);
  bytes.set(owner, 40);
  bytes[72] = executable ? 1 : 0;
  bytes.writeUInt32BE(data.length, 73);
  bytes.set(data, ACCOUNT_HEAD_BYTES);
  return bytes;
}

export type GenesisTotal = {
  readonly accounts: number;
  readonly lamports: bigint;
  /** RFC 6962 over the accounts in order of keys. */
  readonly root: Uint8Array;
};

/** The event that closes a genesis. Its SHA-256 is the hash by which the genesis is known. */
export function encodeTotal(
  { accounts, lamports, root }: GenesisTotal,
  allocations: Genesis["allocations"],
): Uint8Array {
  const writer = new CanonicalWriter().text("mira:genesis:v2").u64(accounts).u64(lamports).fixed(root, 32);
  writer.u32(allocations.length);
  for (const { account, units } of allocations) writer.text(account).text(units.toString());
  return writer.finish();
}

/** Adds accounts up, in order; keeps none. */
export class GenesisTally {
  readonly #range = new CompactRange();
  #accounts = 0;
  #lamports = 0n;

  add(account: GenesisAccount): void {
    this.#range.append(hashLeaf(encodeAccount(account)));
    this.#accounts += 1;
    this.#lamports += account.lamports;
  }

  total(): GenesisTotal {
    return { accounts: this.#accounts, lamports: this.#lamports, root: this.#range.root() };
  }
}
