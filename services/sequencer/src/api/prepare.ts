/** The cheap checks of a submitted transaction, and what the later ones need of it. No waiting, no signatures. */
import { encodeBase58, refuse, succeed, type Refusal, type Result } from "@mira/primitives";
import {
  accountKey,
  accountKeyOffset,
  computeFee,
  computeLocks,
  decodeComputeBudget,
  decodeTransaction,
  usesDurableNonce,
  type AccountLock,
  type DecodedTransaction,
  type LoadedAddresses,
} from "@mira/runtime/wire";
import type { BlockhashWindow } from "../domain/blockhash-window.ts";
import type { DuplicateWindow } from "../domain/duplicate-window.ts";
import { refuseDuplicate, refuseExpired } from "../domain/order-window.ts";

/** Of the first signature: as unlikely to meet by accident as a key of a hash table need be. */
const SIGNATURE_PREFIX_BYTES = 16;

export type Prepared = {
  readonly wire: Uint8Array;
  readonly decoded: DecodedTransaction;
  readonly blockhashSlot: number;
  /** How the first signature begins. */
  readonly signature: string;
  readonly payer: string;
  readonly fee: bigint;
  readonly unitLimit: number;
  /** Ids of the programs invoked, each once. */
  readonly programs: readonly string[];
  readonly tables: readonly string[];
  /** Every account in the message's order; undefined until the lookup tables are resolved. */
  accounts: readonly AccountLock[] | undefined;
  loaded: LoadedAddresses | undefined;
};

export type PrepareRules = {
  readonly blockhashes: BlockhashWindow;
  readonly duplicates: DuplicateWindow;
  readonly runtime: RuntimeRules;
};

export type RuntimeRules = {
  /** Programs and accounts that no transaction may name. */
  readonly refusedPrograms: ReadonlySet<string>;
  /** Accounts of the runtime itself, which nobody may write. */
  readonly isRuntimeAccount: (key: string) => boolean;
};

export function prepareTransaction(wire: Uint8Array, rules: PrepareRules): Result<Prepared> {
  const decoding = decodeTransaction(wire);
  if (!decoding.ok) return decoding;
  const decoded = decoding.value;
  if (usesDurableNonce(decoded, wire))
    return refuse("DURABLE_NONCE_REFUSED", "The first instruction advances a durable nonce.");
  const budget = decodeComputeBudget(decoded, wire);
  if (!budget.ok) return budget;
  const blockhashSlot = rules.blockhashes.find(accountKey(wire, decoded.blockhashOffset));
  if (blockhashSlot === undefined) return refuseExpired(rules.blockhashes);
  const signature = readSignature(wire, decoded);
  if (rules.duplicates.hasSignature(blockhashSlot, signature)) return refuseDuplicate();
  const prepared: Prepared = {
    wire,
    decoded,
    blockhashSlot,
    signature,
    payer: accountKey(wire, accountKeyOffset(decoded, 0)),
    fee: computeFee(decoded, wire),
    unitLimit: budget.value.unitLimit,
    programs: listPrograms(decoded, wire),
    tables: decoded.lookups.map(({ tableKeyOffset }) => accountKey(wire, tableKeyOffset)),
    accounts: undefined,
    loaded: undefined,
  };
  if (decoded.lookups.length > 0) return succeed(prepared);
  const refusal = setAccounts(prepared, rules.runtime);
  return refusal ?? succeed(prepared);
}

/** Computes the locks, with what the lookup tables gave; refuses what they forbid. */
export function setAccounts(
  prepared: Prepared,
  { refusedPrograms, isRuntimeAccount }: RuntimeRules,
  loaded?: LoadedAddresses,
): Refusal | undefined {
  const locks = computeLocks(prepared.decoded, prepared.wire, loaded);
  if (!locks.ok) return locks;
  for (const { key, writable } of locks.value) {
    if (refusedPrograms.has(key)) return refuseProgram(key, "A program that is not offered is named.");
    if (writable && isRuntimeAccount(key))
      return refuseProgram(key, "An account of the runtime is to be written.");
  }
  prepared.accounts = locks.value;
  prepared.loaded = loaded;
  return undefined;
}

function refuseProgram(key: string, message: string): Refusal<"PROGRAM_REFUSED"> {
  return refuse("PROGRAM_REFUSED", message, { program: encodeBase58(Buffer.from(key, "latin1")) });
}

/** Tells a repetition cheaply; what it does not tell, the message hash does. */
export function readSignature(wire: Uint8Array, { signaturesOffset }: DecodedTransaction): string {
  const bytes = Buffer.from(wire.buffer, wire.byteOffset + signaturesOffset, SIGNATURE_PREFIX_BYTES);
  return bytes.toString("latin1");
}

function listPrograms(decoded: DecodedTransaction, wire: Uint8Array): string[] {
  const programs: string[] = [];
  let seen = 0n;
  for (const { programIdIndex } of decoded.instructions) {
    const bit = 1n << BigInt(programIdIndex);
    if ((seen & bit) !== 0n) continue;
    seen |= bit;
    programs.push(accountKey(wire, accountKeyOffset(decoded, programIdIndex)));
  }
  return programs;
}
