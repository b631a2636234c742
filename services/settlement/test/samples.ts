/** Hand-made ledgers for tests and benchmarks: SOL transfers in wire form, sealed batches, and what an honest executor answers. */
import {
  createKeyPair,
  sha256,
  type AccountVersion,
  type BatchNumber,
  type KeyPair,
  type Lamports,
  type SequenceNumber,
  type Slot,
  type UnixMs,
} from "@mira/primitives";
import {
  accountKey,
  computeBatchHash,
  computeFee,
  computeLocks,
  decodeTransaction,
  encodePartitionResult,
  encodeSealedBatch,
  type AccountValue,
  type AccountWrite,
  type PartitionResultContent,
  type PartitionResultHeader,
  type Receipt,
} from "@mira/runtime/wire";

const SYSTEM_PROGRAM = new Uint8Array(32);
export const RUNTIME_ID = new Uint8Array(32).fill(7);
const RENT_EXEMPT = 2n ** 64n - 1n;

export type Transfer = {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly lamports: bigint;
  readonly nonce: number;
};

/** A legacy transaction with one System transfer. Its signature is made up: settlement does not verify signatures. */
export function encodeTransfer({ from, to, lamports, nonce }: Transfer): Uint8Array {
  const bytes = Buffer.alloc(1 + 64 + 3 + 1 + 96 + 32 + 1 + 1 + 1 + 2 + 1 + 12);
  let at = 0;
  const put = (part: Uint8Array): void => {
    bytes.set(part, at);
    at += part.length;
  };
  put(Uint8Array.of(1));
  const signature = Buffer.alloc(64);
  signature.set(sha256(Buffer.from(`signature ${nonce}`)));
  signature.set(from, 32);
  put(signature);
  put(Uint8Array.of(1, 0, 1, 3));
  put(from);
  put(to);
  put(SYSTEM_PROGRAM);
  put(sha256(Buffer.from(`blockhash ${nonce}`)));
  put(Uint8Array.of(1, 2, 2, 0, 1, 12, 2, 0, 0, 0));
  bytes.writeBigUInt64LE(lamports, at);
  return bytes;
}

export type SealedSample = {
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  readonly batchNumber: number;
  readonly firstSequence: number;
  readonly transfers: readonly Transfer[];
};

/** Follows one sealed batch after the other, each naming the one before it. */
export class SampleSequencer {
  readonly sealed: SealedSample[] = [];
  #parentHash: Uint8Array = new Uint8Array(32);
  #nextSequence = 0;

  seal(transfers: readonly Transfer[]): SealedSample {
    const batchNumber = this.sealed.length;
    const firstSequence = this.#nextSequence;
    const bytes = encodeSealedBatch(
      {
        batchNumber: batchNumber as BatchNumber,
        firstSequence: firstSequence as SequenceNumber,
        slot: batchNumber as Slot,
        unixTimestamp: 1_750_000_000,
        sealedAt: 1_750_000_000_000 as UnixMs,
        runtimeId: RUNTIME_ID,
        signatureRule: 1,
        feeRule: 1,
        parentHash: this.#parentHash,
        traceparent: "",
      },
      transfers.map((transfer) => ({ wire: encodeTransfer(transfer) })),
    );
    const hash = computeBatchHash(bytes);
    const sample = { bytes, hash, batchNumber, firstSequence, transfers };
    this.sealed.push(sample);
    this.#parentHash = hash;
    this.#nextSequence += transfers.length;
    return sample;
  }
}

type Held = { readonly version: number; readonly lamports: bigint };

export type ResultDraft = { header: PartitionResultHeader; content: PartitionResultContent };

/** Executes SOL transfers as the SVM would: takes the fee, moves the lamports, or fails when they are not there. */
export class SampleExecutor {
  readonly keyPair: KeyPair;
  readonly #accounts: Map<string, Held>;

  constructor(accounts: ReadonlyMap<string, bigint>, keyPair: KeyPair = createKeyPair()) {
    this.keyPair = keyPair;
    this.#accounts = new Map([...accounts].map(([key, lamports]) => [key, { version: 0, lamports }]));
  }

  /** Another with the same accounts, to try out what then did not happen. */
  clone(): SampleExecutor {
    const copy = new SampleExecutor(new Map(), this.keyPair);
    for (const [key, held] of this.#accounts) copy.#accounts.set(key, held);
    return copy;
  }

  /** The transaction did nothing: only the versions of the accounts it locks for writing move. */
  skip(sealed: SealedSample, place: number): void {
    const transfer = sealed.transfers[place];
    for (const key of transfer === undefined ? [] : [transfer.from, transfer.to])
      this.#accounts.set(accountKey(key), {
        lamports: this.balance(key),
        version: sealed.firstSequence + place + 1,
      });
  }

  balance(key: Uint8Array): bigint {
    return this.#accounts.get(accountKey(key))?.lamports ?? 0n;
  }

  version(key: Uint8Array): number {
    return this.#accounts.get(accountKey(key))?.version ?? 0;
  }

  /** Runs these places of the batch; the places of all calls together must be in an order that their accounts allow. */
  execute(sealed: SealedSample, partition: number, places: readonly number[]): ResultDraft {
    const inputs = new Map<string, number>();
    const written = new Set<string>();
    const receipts = places.map((place) => this.#run(sealed, place, inputs, written));
    const writes = [...written].sort().map((key): AccountWrite => {
      const { version, lamports } = this.#accounts.get(key) ?? { version: 0, lamports: 0n };
      return { key, version: version as AccountVersion, value: toValue(lamports) };
    });
    const header = {
      batchNumber: sealed.batchNumber as BatchNumber,
      partition,
      batchHash: sealed.hash,
      runtimeId: RUNTIME_ID,
      executorId: this.keyPair.publicKey,
      executedAt: 1_750_000_000_500 as UnixMs,
    };
    const sortedInputs = [...inputs].sort(([left], [right]) => (left < right ? -1 : 1));
    const content = {
      inputs: sortedInputs.map(([key, version]) => ({ key, version: version as AccountVersion })),
      receipts,
      writes,
    };
    return { header, content };
  }

  encode({ header, content }: ResultDraft, signer: KeyPair = this.keyPair): Uint8Array {
    return encodePartitionResult(header, content, signer.sign);
  }

  #run(sealed: SealedSample, place: number, inputs: Map<string, number>, written: Set<string>): Receipt {
    const transfer = sealed.transfers[place];
    if (transfer === undefined) throw new Error(`no transaction ${place}`);
    const wire = encodeTransfer(transfer);
    const decoded = decodeTransaction(wire);
    if (!decoded.ok) throw new Error(decoded.message);
    const locks = computeLocks(decoded.value, wire);
    if (!locks.ok) throw new Error(locks.message);
    const sequence = sealed.firstSequence + place;
    for (const { key } of locks.value)
      if (!inputs.has(key)) inputs.set(key, this.#accounts.get(key)?.version ?? 0);
    const charged = computeFee(decoded.value, wire);
    const fee: bigint = charged;
    const from = accountKey(transfer.from);
    const to = accountKey(transfer.to);
    const succeeded = this.balance(transfer.from) >= transfer.lamports + fee;
    this.#add(from, -fee - (succeeded ? transfer.lamports : 0n));
    this.#add(to, succeeded ? transfer.lamports : 0n);
    for (const { key, writable } of locks.value) {
      if (!writable) continue;
      written.add(key);
      this.#accounts.set(key, { lamports: this.#accounts.get(key)?.lamports ?? 0n, version: sequence + 1 });
    }
    return {
      sequence: sequence as SequenceNumber,
      messageHash: sha256(wire.subarray(decoded.value.messageOffset)),
      status: succeeded ? 0 : 1,
      error: succeeded ? "" : "custom program error: 0x1",
      fee: charged,
      computeUnits: 150,
      logs: [
        "Program 11111111111111111111111111111111 invoke [1]",
        "Program 11111111111111111111111111111111 success",
      ],
    };
  }

  #add(key: string, lamports: bigint): void {
    const held = this.#accounts.get(key) ?? { version: 0, lamports: 0n };
    this.#accounts.set(key, { ...held, lamports: held.lamports + lamports });
  }
}

function toValue(lamports: bigint): AccountValue | undefined {
  if (lamports === 0n) return undefined;
  return {
    lamports: lamports as Lamports,
    owner: SYSTEM_PROGRAM,
    executable: false,
    rentEpoch: RENT_EXEMPT,
    data: new Uint8Array(0),
  };
}

/** Deterministic account keys: the hash of a name. */
export function sampleKey(name: string): Uint8Array {
  return sha256(Buffer.from(name, "utf8"));
}
