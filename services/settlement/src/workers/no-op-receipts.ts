/** Makes the receipts of condemned transactions, as soon as the versions they stand on are known, and publishes them like any result. */
import type { KeyPair } from "@mira/primitives";
import { accountKey, type AccountValue } from "@mira/runtime/wire";
import { encodeNoOpResult } from "../codec/no-op-result.ts";
import { versionAfter, BEFORE_BATCH } from "../domain/facts.ts";
import { splitRepair } from "../domain/repair.ts";
import type { AccountReader } from "../memory/account-reader.ts";
import type { Ledger } from "../memory/ledger.ts";
import type { PendingBatch } from "../memory/pending-batches.ts";
import type { Clock, Journal, Publication } from "../ports.ts";
import type { Bell } from "./bell.ts";
import { createResultPublication } from "./publications.ts";

const IDLE_MS = 1000;
const NO_OP_PARTITION = 2_000_000;

export type NoOpParts = {
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly accounts: AccountReader;
  readonly signer: KeyPair;
  readonly clock: Clock;
  readonly epoch: number;
  readonly bell: Bell;
};

/** Only the batch that is next is looked at: what it stands on in earlier batches is settled. */
export async function runNoOpReceipts(parts: NoOpParts, signal: AbortSignal): Promise<void> {
  let published = 0;
  while (!signal.aborted) {
    const pending = parts.ledger.pending.get(parts.ledger.progress.counts.settledBatches);
    const publications = pending === undefined ? [] : await createNoOps(parts, pending, published);
    published += publications.length;
    await parts.journal.commitPublications(publications);
    await parts.bell.wait(IDLE_MS, signal);
  }
}

async function createNoOps(
  parts: NoOpParts,
  pending: PendingBatch,
  published: number,
): Promise<Publication[]> {
  const { batch } = pending.assembly;
  const open = pending.assembly.listUncovered().filter((place) => pending.condemned.has(place));
  const publications: Publication[] = [];
  for (const piece of splitRepair(batch, open)) {
    const inputs = await findInputs(parts, pending, piece);
    if (inputs === undefined) continue;
    const partition = NO_OP_PARTITION + published + publications.length;
    const places = piece.map((place) => [place, pending.condemned.get(place) ?? ""] as const);
    const { sealed } = pending;
    const payload = encodeNoOpResult(
      { sealed, batch, partition, places, inputs, at: parts.clock.now() },
      parts.signer,
    );
    publications.push(
      createResultPublication(`no-op:${parts.epoch}:${batch.batchNumber}:${partition}`, payload),
    );
  }
  return publications;
}

type Inputs = Map<number, { version: number; value: AccountValue | undefined }>;

/** undefined while a version that the piece stands on has not been made. */
async function findInputs(
  { accounts }: NoOpParts,
  pending: PendingBatch,
  piece: readonly number[],
): Promise<Inputs | undefined> {
  const { batch } = pending.assembly;
  const inputs: Inputs = new Map();
  for (const place of piece) {
    const end = batch.lockStart[place + 1] ?? 0;
    for (let at = batch.lockStart[place] ?? 0; at < end; at++) {
      const key = batch.lockKey[at] ?? 0;
      if (inputs.has(key)) continue;
      const previous = batch.previousWrite[at] ?? BEFORE_BATCH;
      const bytes = batch.keys.key(key);
      const found =
        previous === BEFORE_BATCH
          ? (await accounts.read([bytes])).accounts[0]
          : findMade(pending, bytes, versionAfter(batch, batch.lockTransaction[previous] ?? 0));
      if (found === undefined) return undefined;
      inputs.set(key, { version: found.version, value: found.value });
    }
  }
  return inputs;
}

function findMade(
  { assembly }: PendingBatch,
  key: Uint8Array,
  version: number,
): { version: number; value: AccountValue | undefined } | undefined {
  const name = accountKey(key);
  for (const { payload } of assembly.listResults()) {
    const { writes } = payload.packed;
    for (let index = 0; index < writes.count; index++)
      if (writes.version(index) === version && writes.key(index) === name)
        return { version, value: writes.value(index) };
  }
  return undefined;
}
