/**
 * Work that is handed out again: for open transactions of a batch, which of them can run together, and the account versions
 * that they start from.
 */
import { BEFORE_BATCH, type BatchFacts } from "./facts.ts";
import { demandedVersion } from "./lock-index.ts";

export type RepairInput = { readonly key: number; readonly version: number };

/** First-touch versions, by key number. `places` rise. `asSettled` stands for whatever is settled before the batch. */
export function listRepairInputs(
  batch: BatchFacts,
  places: readonly number[],
  asSettled: number,
): RepairInput[] {
  const inputs = new Map<number, number>();
  const preVersion = new Float64Array(batch.keys.limit).fill(asSettled);
  for (const place of places) {
    const end = batch.lockStart[place + 1] ?? 0;
    for (let at = batch.lockStart[place] ?? 0; at < end; at++) {
      const key = batch.lockKey[at] ?? 0;
      if (!inputs.has(key)) inputs.set(key, demandedVersion(batch, at, preVersion));
    }
  }
  return [...inputs].map(([key, version]) => ({ key, version }));
}

/**
 * Splits open transactions, in order, wherever one needs an account that a transaction outside the piece wrote after the
 * piece began to use it: an executor is given each account once, at one version.
 */
export function splitRepair(batch: BatchFacts, places: readonly number[]): number[][] {
  const pieces: number[][] = [];
  let piece: number[] = [];
  let current = new Map<number, number>();
  for (const place of places) {
    if (!fits(batch, place, current)) {
      pieces.push(piece);
      piece = [];
      current = new Map();
    }
    piece.push(place);
    use(batch, place, current);
  }
  return piece.length > 0 ? [...pieces, piece] : pieces;
}

/** `current`: by key, the position + 1 of the write lock whose version the piece has of it. */
function fits(batch: BatchFacts, place: number, current: ReadonlyMap<number, number>): boolean {
  const end = batch.lockStart[place + 1] ?? 0;
  for (let at = batch.lockStart[place] ?? 0; at < end; at++) {
    const known = current.get(batch.lockKey[at] ?? 0);
    if (known !== undefined && known !== (batch.previousWrite[at] ?? BEFORE_BATCH) + 1) return false;
  }
  return true;
}

function use(batch: BatchFacts, place: number, current: Map<number, number>): void {
  const end = batch.lockStart[place + 1] ?? 0;
  for (let at = batch.lockStart[place] ?? 0; at < end; at++) {
    const isWrite = batch.lockIsWrite[at] === 1;
    current.set(batch.lockKey[at] ?? 0, isWrite ? at + 1 : (batch.previousWrite[at] ?? BEFORE_BATCH) + 1);
  }
}
