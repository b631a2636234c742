/** Rebuilds a leader's window from the store: duplicates of the blockhash window, and all that is not settled. */
import { createHash } from "node:crypto";
import { invariant } from "@mira/primitives";
import {
  accountKey,
  accountKeyOffset,
  computeBatchHash,
  computeFee,
  computeLocks,
  computeUnitLimit,
  decodeSealedBatch,
  decodeTransaction,
  type AccountLock,
  type DecodedTransaction,
  type SealedBatch,
} from "@mira/runtime/wire";
import { readSignature } from "../api/prepare.ts";
import type { BlockhashWindow } from "../domain/blockhash-window.ts";
import type { ExecutionCosts } from "../domain/execution-cost.ts";
import type { OrderWindow } from "../domain/order-window.ts";
import type { PayerFunds } from "../domain/payer-funds.ts";
import { PendingBatch } from "../domain/pending-batch.ts";
import type { Admitted, BatchStore, StoredBatch } from "../ports.ts";
import type { SealedWork } from "./unsettled-work.ts";

const BATCHES_PER_READ = 32;

export type RestoreOptions = {
  readonly store: BatchStore;
  readonly window: OrderWindow<Admitted>;
  readonly blockhashes: BlockhashWindow;
  readonly funds: PayerFunds;
  readonly costs: ExecutionCosts;
  readonly settledBatches: number;
};

export type Restored = {
  /** Unsettled, in order; to be published again. */
  readonly work: readonly SealedWork[];
  readonly parentHash: Uint8Array;
};

/** MUST run before the window is used, with the blockhash window at the present slot. */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { store, window, settledBatches } = options;
  const count = await store.countBatches();
  const unsettledFrom = Math.min(settledBatches, count);
  const first = Math.min(unsettledFrom, await findFirstRecent(store, count, options.blockhashes.oldestSlot));
  const work: SealedWork[] = [];
  let parentHash = new Uint8Array(32);
  let next = first;
  while (next < count) {
    const batches = await store.readBatches(next, Math.min(BATCHES_PER_READ, count - next));
    invariant(batches.length > 0, () => `the store holds batch ${next}`);
    for (const stored of batches) {
      const sealed = decodeSealedBatch(stored.bytes);
      invariant(sealed.header.batchNumber === next, () => `batch ${next} stands in its place`);
      // The slot of what is sealed next must not lie before the last batch's, whatever the clock says.
      options.blockhashes.advance(sealed.header.slot);
      const isUnsettled = next >= unsettledFrom;
      if (next === unsettledFrom) window.startAt(next, sealed.header.firstSequence);
      const placed = restoreBatch(options, sealed, stored, isUnsettled);
      if (placed !== undefined) work.push(placed);
      parentHash = new Uint8Array(computeBatchHash(stored.bytes));
      next++;
      if (next === count && !isUnsettled)
        window.startAt(count, sealed.header.firstSequence + sealed.transactions.count);
    }
  }
  return { work, parentHash };
}

/** The first batch whose slot could hold a message that is still valid, and at least the last: it names the end of the order. */
async function findFirstRecent(store: BatchStore, count: number, oldestSlot: number): Promise<number> {
  let low = 0;
  let high = Math.max(0, count - 1);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const bytes = await store.findBatch(middle);
    invariant(bytes !== undefined, () => `the store holds batch ${middle}`);
    if (decodeSealedBatch(bytes).header.slot < oldestSlot) low = middle + 1;
    else high = middle;
  }
  return low;
}

function restoreBatch(
  options: RestoreOptions,
  sealed: SealedBatch,
  stored: StoredBatch,
  isUnsettled: boolean,
): SealedWork | undefined {
  const { window, funds, blockhashes } = options;
  const { transactions, header } = sealed;
  const batch = new PendingBatch(Math.max(1, transactions.count), header.sealedAt);
  for (let index = 0; index < transactions.count; index++) {
    const wire = transactions.wire(index);
    const decoding = decodeTransaction(wire);
    invariant(decoding.ok, () => `transaction ${transactions.sequenceNumber(index)} decodes`);
    rememberMessage(window, blockhashes, wire, decoding.value);
    if (isUnsettled) batch.add(describe(options, sealed, index, decoding.value), window.accounts, funds);
  }
  if (!isUnsettled) return undefined;
  const cutBatch = window.place(batch, stored.cut);
  return { batchNumber: header.batchNumber, bytes: stored.bytes, cutBatch, traceparent: header.traceparent };
}

function rememberMessage(
  window: OrderWindow<Admitted>,
  blockhashes: BlockhashWindow,
  wire: Uint8Array,
  decoded: DecodedTransaction,
): void {
  const slot = blockhashes.find(accountKey(wire, decoded.blockhashOffset));
  // A message with an expired blockhash is refused for that alone.
  if (slot === undefined) return;
  const message = wire.subarray(decoded.messageOffset, decoded.end);
  const hash = createHash("sha256").update(message).digest().toString("latin1");
  window.duplicates.add(slot, hash, readSignature(wire, decoded));
}

function describe(
  { costs }: RestoreOptions,
  { transactions }: SealedBatch,
  index: number,
  decoded: DecodedTransaction,
) {
  const wire = transactions.wire(index);
  const locks = computeLocks(
    decoded,
    wire,
    decoded.lookups.length > 0 ? transactions.loaded(index) : undefined,
  );
  invariant(locks.ok, () => `transaction ${transactions.sequenceNumber(index)} has its locks`);
  const implicit: AccountLock[] = transactions
    .implicitReads(index)
    .map((key) => ({ key: accountKey(key), writable: false }));
  return {
    locks: implicit.length === 0 ? locks.value : [...locks.value, ...implicit],
    payer: accountKey(wire, accountKeyOffset(decoded, 0)),
    feeLamports: Number(computeFee(decoded, wire)),
    costUs: costs.estimateUs(computeUnitLimit(decoded, wire), undefined),
    program: undefined,
    bytes: wire.length,
  };
}
