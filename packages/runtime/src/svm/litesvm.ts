/**
 * The one place that touches LiteSVM's raw N-API class: wire bytes in, no kit. Bytes that LiteSVM cannot decode abort the
 * process, so nothing reaches it that our decoder has not passed.
 */
import { createRequire } from "node:module";
import { Account, Clock, FailedTransactionMetadata, LiteSvm } from "litesvm/dist/internal.js";
import type { Lamports } from "@mira/primitives";
import { accountKey, accountKeyBytes, type AccountValue } from "../wire/index.ts";
import { describeError } from "./error-words.ts";
import { computeSlotHashes } from "./slot-hashes.ts";
import { NATIVE_LOADER, SLOT_HASHES, SYSVAR_OWNER } from "./account-keys.ts";
import { readSnapshot } from "./snapshot.ts";

export type SvmHeader = {
  readonly slot: number;
  /** Seconds, shown by the Clock sysvar. */
  readonly unixTimestamp: number;
};

export type Outcome = {
  /** Empty when it succeeded. */
  readonly error: string;
  readonly computeUnits: number;
  readonly logs: readonly string[];
};

/** Bytes of logs kept per transaction; beyond it LiteSVM writes "Log truncated". Part of the runtime id. */
export const LOG_BYTES_MAX = 10_000;
/** Solana's. Slots are counted from the network's genesis. */
export const SLOTS_PER_EPOCH = 432_000;
const SLOT_MS = 400;
const AIRDROP_LAMPORTS = 1_000_000_000_000_000n;
const GONE = new Account(0n, new Uint8Array(0), new Uint8Array(32), false, 0n);

export const LITESVM_VERSION = readVersion();

/** One LiteSVM instance with our settings. 9 ms to make: one per process, kept warm. */
export class Vm {
  readonly #svm = new LiteSvm();
  #slot = -1;
  #unixTimestamp = -1;

  constructor() {
    this.#svm.setSigverify(false);
    this.#svm.setBlockhashCheck(false);
    this.#svm.setTransactionHistory(0n);
    this.#svm.setLogBytesLimit(BigInt(LOG_BYTES_MAX));
    this.#removeAirdropAccount();
    for (const [key, value] of this.readAll())
      if (value.executable && accountKey(value.owner) !== NATIVE_LOADER) this.setProgram(key, value);
  }

  get slot(): number {
    return this.#slot;
  }

  /** Sysvars are a function of the header alone. */
  setHeader(header: SvmHeader): void {
    if (header.slot === this.#slot && header.unixTimestamp === this.#unixTimestamp) return;
    if (header.slot !== this.#slot) this.set(SLOT_HASHES, createSysvar(computeSlotHashes(header.slot)));
    this.#svm.setClock(createClock(header));
    this.#slot = header.slot;
    this.#unixTimestamp = header.unixTimestamp;
  }

  /**
   * Loads a program as of slot 0. LiteSVM remembers the slot in which it loaded a program and, in exactly the slot before that one,
   * takes it for not deployed yet: a VM that is handed an older batch would answer otherwise than a new one.
   */
  setProgram(key: string, value: AccountValue): void {
    this.#svm.setClock(createClock({ slot: 0, unixTimestamp: 0 }));
    try {
      this.set(key, value);
    } finally {
      if (this.#slot >= 0)
        this.#svm.setClock(createClock({ slot: this.#slot, unixTimestamp: this.#unixTimestamp }));
    }
  }

  /** Not for programs. */
  set(key: string, value: AccountValue): void {
    this.#svm.setAccount(
      accountKeyBytes(key),
      new Account(value.lamports, value.data, value.owner, value.executable, value.rentEpoch),
    );
  }

  remove(key: string): void {
    this.#svm.setAccount(accountKeyBytes(key), GONE);
  }

  get(key: string): AccountValue | undefined {
    const account = this.#svm.getAccount(accountKeyBytes(key));
    if (account === null) return undefined;
    return {
      lamports: account.lamports() as Lamports,
      owner: account.owner(),
      executable: account.executable(),
      rentEpoch: account.rentEpoch(),
      data: account.data(),
    };
  }

  getLamports(key: string): bigint {
    return this.#svm.getBalance(accountKeyBytes(key)) ?? 0n;
  }

  /** Every account in one call: cheaper than `get` from some hundreds of accounts on. */
  readAll(): Map<string, AccountValue> {
    return readSnapshot(this.#svm.toBytes());
  }

  /** `wire` MUST have passed decodeTransaction. */
  send(wire: Uint8Array): Outcome {
    const answer = this.#svm.sendVersionedTransaction(wire);
    if (!(answer instanceof FailedTransactionMetadata))
      return { error: "", computeUnits: Number(answer.computeUnitsConsumed()), logs: answer.logs() };
    const meta = answer.meta();
    return {
      error: describeError(answer.err()),
      computeUnits: Number(meta.computeUnitsConsumed()),
      logs: meta.logs(),
    };
  }

  /** The write-locked accounts as the transaction would leave them; undefined when it would fail. */
  foresee(wire: Uint8Array): Map<string, AccountValue> | undefined {
    const answer = this.#svm.simulateVersionedTransaction(wire);
    if (answer instanceof FailedTransactionMetadata) return undefined;
    return new Map(
      answer.postAccounts().map((entry) => {
        const account = entry.account();
        return [
          Buffer.from(entry.address).toString("latin1"),
          {
            lamports: account.lamports() as Lamports,
            owner: account.owner(),
            executable: account.executable(),
            rentEpoch: account.rentEpoch(),
            data: account.data(),
          },
        ];
      }),
    );
  }

  /** LiteSVM endows an account whose key is random per instance; nothing random may be reachable. */
  #removeAirdropAccount(): void {
    for (const [key, value] of this.readAll())
      if (value.lamports === AIRDROP_LAMPORTS && value.data.length === 0) this.remove(key);
  }
}

function createClock({ slot, unixTimestamp }: SvmHeader): Clock {
  const epoch = Math.floor(slot / SLOTS_PER_EPOCH);
  const intoEpochSeconds = Math.floor(((slot % SLOTS_PER_EPOCH) * SLOT_MS) / 1000);
  return new Clock(
    BigInt(slot),
    BigInt(unixTimestamp - intoEpochSeconds),
    BigInt(epoch),
    BigInt(epoch + 1),
    BigInt(unixTimestamp),
  );
}

function createSysvar(data: Uint8Array): AccountValue {
  return {
    lamports: 1n as Lamports,
    owner: accountKeyBytes(SYSVAR_OWNER),
    executable: false,
    rentEpoch: 0n,
    data,
  };
}

function readVersion(): string {
  const manifest = createRequire(import.meta.url)("litesvm/package.json") as { readonly version: string };
  return manifest.version;
}
