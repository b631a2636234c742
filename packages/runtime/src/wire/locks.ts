/** Which accounts a transaction locks, and how: as agave locks them. */
import { refuse, succeed, type Result } from "@mira/primitives";
import { accountKey, KEY_BYTES } from "./key.ts";
import { RESERVED_KEYS, UPGRADEABLE_LOADER_KEY } from "./programs.ts";
import type { DecodedTransaction } from "./transaction.ts";

/** Accounts that the lookups of a v0 transaction resolve to, in the message's order. */
export type LoadedAddresses = {
  readonly writable: readonly Uint8Array[];
  readonly readonly: readonly Uint8Array[];
};

export type AccountLock = { readonly key: string; readonly writable: boolean };

const NONE_LOADED: LoadedAddresses = { writable: [], readonly: [] };

/**
 * Every lock in account order. A write lock on a reserved key or on an invoked program becomes a read lock, unless the
 * upgradeable loader is there too: otherwise anyone could serialize the ledger by naming a common program writable.
 */
export function computeLocks(
  decoded: DecodedTransaction,
  bytes: Uint8Array,
  loaded: LoadedAddresses = NONE_LOADED,
): Result<AccountLock[], "TRANSACTION_MALFORMED" | "ACCOUNT_LOADED_TWICE"> {
  const counted = checkLoadedCounts(decoded, loaded);
  if (!counted.ok) return counted;
  const keys = listAccountKeys(decoded, bytes, loaded);
  if (keys.length > decoded.accountKeyCount && new Set(keys).size !== keys.length)
    return refuse(
      "ACCOUNT_LOADED_TWICE",
      "An account occurs twice among the named and the looked-up accounts.",
    );
  const isUpgradePossible = keys.includes(UPGRADEABLE_LOADER_KEY);
  return succeed(
    keys.map((key, index) => ({
      key,
      writable:
        isWritable(decoded, index) &&
        !RESERVED_KEYS.has(key) &&
        (isUpgradePossible || !isInvoked(decoded, index)),
    })),
  );
}

export function isSigner(decoded: DecodedTransaction, index: number): boolean {
  return index < decoded.numRequiredSignatures;
}

/** As the header and the lookups ask for; computeLocks says what is really locked for writing. */
export function isWritable(decoded: DecodedTransaction, index: number): boolean {
  const { numRequiredSignatures, numReadonlySigned, numReadonlyUnsigned, accountKeyCount } = decoded;
  if (index < numRequiredSignatures) return index < numRequiredSignatures - numReadonlySigned;
  if (index < accountKeyCount) return index < accountKeyCount - numReadonlyUnsigned;
  return index < accountKeyCount + decoded.loadedWritableCount;
}

/** Offset of the key of a static account. */
export function accountKeyOffset(decoded: DecodedTransaction, index: number): number {
  return decoded.keysOffset + index * KEY_BYTES;
}

function listAccountKeys(decoded: DecodedTransaction, bytes: Uint8Array, loaded: LoadedAddresses): string[] {
  const keys: string[] = [];
  for (let index = 0; index < decoded.accountKeyCount; index++)
    keys.push(accountKey(bytes, accountKeyOffset(decoded, index)));
  for (const address of loaded.writable) keys.push(accountKey(address));
  for (const address of loaded.readonly) keys.push(accountKey(address));
  return keys;
}

function isInvoked(decoded: DecodedTransaction, index: number): boolean {
  for (const instruction of decoded.instructions) if (instruction.programIdIndex === index) return true;
  return false;
}

function checkLoadedCounts(
  decoded: DecodedTransaction,
  loaded: LoadedAddresses,
): Result<undefined, "TRANSACTION_MALFORMED"> {
  const needed = `${decoded.loadedWritableCount} writable, ${decoded.loadedReadonlyCount} readonly`;
  const found = `${loaded.writable.length} writable, ${loaded.readonly.length} readonly`;
  return needed === found
    ? succeed(undefined)
    : refuse("TRANSACTION_MALFORMED", "The lookups resolve to another number of accounts.", {
        needed,
        found,
      });
}
