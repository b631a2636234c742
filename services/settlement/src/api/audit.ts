/** The audit log's RPCs: checkpoint, proofs of entries, consistency, listing. */
import type {
  GetCheckpointResponse,
  GetConsistencyProofRequest,
  GetConsistencyProofResponse,
  GetEntryProofRequest,
  GetEntryProofResponse,
  ListEntriesRequest,
  ListEntriesResponse,
} from "@mira/api/gen/mira/settlement/v1/settlement.ts";
import type { EntryProof } from "@mira/api/gen/mira/types/v1/types.ts";
import type { CallContext } from "@mira/chassis";
import { delay, refuse, succeed, type Result } from "@mira/primitives";
import type { Waiters } from "../domain/waiters.ts";
import { endWait } from "./waiting.ts";

const ENTRIES_MAX = 1024;
/** An entry that is awaited may not exist yet, so its place in the log is not known: it is looked for at each new checkpoint. */
const FIRST_LOOK_MS = 5;

export type EntryKey =
  | { readonly by: "index"; readonly index: number }
  | { readonly by: "leaf"; readonly leafHash: Uint8Array }
  | { readonly by: "subject"; readonly subject: string };

export type AuditReads = {
  readonly findEntry: (
    by: EntryKey,
    below: number,
  ) => Promise<{ readonly index: number; readonly entry: Uint8Array } | undefined>;
  readonly computeInclusionPath: (index: number, size: number) => Promise<Uint8Array[]>;
  readonly computeConsistencyPath: (oldSize: number, newSize: number) => Promise<Uint8Array[]>;
  readonly listEntries: (
    start: number,
    limit: number,
    subject: string,
  ) => Promise<Array<{ readonly index: number; readonly entry: Uint8Array }>>;
};

export type SignedHeads = {
  /** The newest head that was signed. */
  readonly newest: () => { readonly size: number; readonly note: string } | undefined;
  readonly sizes: Waiters;
};

export class EntryProofs {
  readonly #reads: AuditReads;
  readonly #heads: SignedHeads;

  constructor(reads: AuditReads, heads: SignedHeads) {
    this.#reads = reads;
    this.#heads = heads;
  }

  /** Of the newest entry that answers to the key and is under the newest checkpoint. Waits for it when asked to. */
  async prove(key: EntryKey, call: CallContext, wait = true): Promise<Result<EntryProof>> {
    for (;;) {
      const head = this.#heads.newest();
      const found = head === undefined ? undefined : await this.#reads.findEntry(key, head.size);
      if (head !== undefined && found !== undefined) {
        const path = await this.#reads.computeInclusionPath(found.index, head.size);
        const inclusion = { index: BigInt(found.index), treeSize: BigInt(head.size), path };
        return succeed({ entry: found.entry, inclusion, checkpoint: head.note });
      }
      if (!wait)
        return refuse("NOT_FOUND", "no such entry under the newest checkpoint", { size: head?.size ?? 0 });
      const next = this.#heads.sizes.wait((head?.size ?? 0) + 1, call.signal);
      if (!next.ok) return next;
      await endWait(next.value, call);
      await delay(FIRST_LOOK_MS, call.signal);
    }
  }
}

/** One log: what is in it, what was signed of it, and proofs. */
export type LogParts = {
  readonly reads: AuditReads;
  readonly heads: SignedHeads;
  readonly proofs: EntryProofs;
};

export async function getEntryProof(
  { proofs }: LogParts,
  request: GetEntryProofRequest,
  call: CallContext,
): Promise<Result<GetEntryProofResponse>> {
  const key = toKey(request.by);
  if (key === undefined)
    return refuse("REQUEST_INVALID", "an index, a leaf hash of 32 bytes or a subject", { field: "by" });
  const proof = await proofs.prove(key, call, request.wait);
  return proof.ok ? succeed({ proof: proof.value }) : proof;
}

function toKey(by: GetEntryProofRequest["by"]): EntryKey | undefined {
  switch (by?.$case) {
    case "index":
      return { by: "index", index: Number(by.value) };
    case "leafHash":
      return by.value.length === 32 ? { by: "leaf", leafHash: by.value } : undefined;
    case "subject":
      return by.value === "" ? undefined : { by: "subject", subject: by.value };
    case undefined:
      return undefined;
  }
}

export function getCheckpoint({ heads }: LogParts): Result<GetCheckpointResponse> {
  const head = heads.newest();
  if (head === undefined) return refuse("NOT_FOUND", "no checkpoint is signed yet");
  return succeed({ checkpoint: head.note });
}

export async function getConsistencyProof(
  { reads, heads }: LogParts,
  request: GetConsistencyProofRequest,
): Promise<Result<GetConsistencyProofResponse>> {
  const [oldSize, newSize] = [Number(request.oldSize), Number(request.newSize)];
  const size = heads.newest()?.size ?? 0;
  if (!Number.isSafeInteger(newSize) || oldSize > newSize || newSize > size)
    return refuse("REQUEST_INVALID", "sizes rise, up to that of the newest checkpoint", {
      oldSize,
      newSize,
      size,
    });
  return succeed({ path: await reads.computeConsistencyPath(oldSize, newSize) });
}

export async function listEntries(
  { reads, heads }: LogParts,
  request: ListEntriesRequest,
): Promise<Result<ListEntriesResponse>> {
  const limit = request.limit === 0 ? ENTRIES_MAX : request.limit;
  if (limit > ENTRIES_MAX)
    return refuse("REQUEST_INVALID", "too many entries at once", { field: "limit", max: ENTRIES_MAX });
  const size = heads.newest()?.size ?? 0;
  const entries = await reads.listEntries(Number(request.start), limit, request.subject);
  return succeed({
    entries: entries
      .filter(({ index }) => index < size)
      .map(({ index, entry }) => ({ index: BigInt(index), entry })),
    treeSize: BigInt(size),
  });
}
