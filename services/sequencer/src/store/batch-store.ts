/** Sealed batches and their cuts in the event store: stream `batches` is the ledger's order, stream `cuts` runs beside it. */
import { randomUUID } from "node:crypto";
import type { Append, EventStore, Fence } from "@mira/event-store";
import { invariant, refuse, RefusalError, succeed, type Result } from "@mira/primitives";
import type { BatchStore, SealedAppend, StoredBatch } from "../ports.ts";
import { decodeCut, encodeCut } from "./cut-codec.ts";

const BATCHES = "batches";
const CUTS = "cuts";
const PROGRAMS = "programs";
const PUBLISHED = "published";
const KEY_BYTES = 32;
const SEALED = { type: "mira.sequencer.batch.sealed.v1", schemaVersion: 1 } as const;
const DEPLOYED = { type: "mira.sequencer.programs.deployed.v1", schemaVersion: 1 } as const;
const CUT = { type: "mira.sequencer.batch.cut.v1", schemaVersion: 1 } as const;

/** Batch n is version n + 1 of its stream. */
export function createBatchStore(store: EventStore, fence?: Fence): BatchStore {
  const countBatches = () => countEvents(store, BATCHES);
  return {
    countBatches,
    append: (append) => appendOnce(store, fence, append),
    findBatch: async (batchNumber) => {
      const [event] = await store.readStream(BATCHES, { fromVersion: batchNumber + 1, limit: 1 });
      return event?.payload;
    },
    readPrograms: () => readPrograms(store),
    savePrograms: async (programs) => {
      const saved = await store.append({
        ...createDeployed(programs),
        ...(fence === undefined ? {} : { fence }),
      });
      if (!saved.ok) throw new RefusalError(saved);
    },
    readBatches: (first, limit) => readBatches(store, first, limit),
    readPublished: async () => Number(await store.getCursor(PUBLISHED)),
    savePublished: async (batches) => {
      await store.withCursor(PUBLISHED, (_client, cursor) =>
        Promise.resolve(cursor > BigInt(batches) ? cursor : BigInt(batches)),
      );
    },
  };
}

async function appendOnce(
  store: EventStore,
  fence: Fence | undefined,
  { batchNumber, id, bytes, cut, traceparent, deploys }: SealedAppend,
): Promise<Result<undefined, "CONCURRENT_CHANGE" | "NOT_LEADER">> {
  invariant(fence !== undefined, "only a leader appends");
  const metadata = traceparent === "" ? {} : { metadata: { traceparent } };
  const result = await store.appendBatch(
    [
      {
        stream: BATCHES,
        expectedVersion: batchNumber,
        events: [{ id, ...SEALED, payload: bytes, ...metadata }],
      },
      {
        stream: CUTS,
        expectedVersion: batchNumber,
        events: [{ id: randomUUID(), ...CUT, payload: encodeCut(cut) }],
      },
      ...(deploys.length === 0 ? [] : [createDeployed(deploys)]),
    ],
    { fence },
  );
  if (result.ok) return succeed(undefined);
  if (result.code === "NOT_LEADER") return refuse("NOT_LEADER", result.message, result.details);
  invariant(result.code === "CONCURRENT_CHANGE", () => `a sealed batch fits the store: ${result.message}`);
  // An earlier try may have been committed though its answer was lost.
  const [found] = await store.readStream(BATCHES, { fromVersion: batchNumber + 1, limit: 1 });
  return found?.id === id ? succeed(undefined) : refuse("CONCURRENT_CHANGE", result.message, result.details);
}

async function readBatches(store: EventStore, first: number, limit: number): Promise<StoredBatch[]> {
  const batches = await store.readStream(BATCHES, { fromVersion: first + 1, limit });
  const cuts = await store.readStream(CUTS, { fromVersion: first + 1, limit: batches.length });
  return batches.map(({ payload, version }, index) => {
    const cut = cuts[index];
    invariant(cut?.version === version, () => `batch ${version - 1} has its cut beside it`);
    return { bytes: payload, cut: decodeCut(cut.payload) };
  });
}

function createDeployed(deploys: readonly string[]): Append {
  const payload = Buffer.from(deploys.join(""), "latin1");
  return { stream: PROGRAMS, expectedVersion: "any", events: [{ id: randomUUID(), ...DEPLOYED, payload }] };
}

/** Each event holds the 32-byte keys of the programs that one batch deploys. */
async function readPrograms(store: EventStore): Promise<string[] | undefined> {
  const programs = new Set<string>();
  for (let fromVersion = 1; ;) {
    const events = await store.readStream(PROGRAMS, { fromVersion });
    const last = events.at(-1);
    if (last === undefined) return fromVersion === 1 ? undefined : [...programs];
    for (const { payload } of events) {
      const keys = Buffer.from(payload).toString("latin1");
      for (let at = 0; at < keys.length; at += KEY_BYTES) programs.add(keys.slice(at, at + KEY_BYTES));
    }
    fromVersion = last.version + 1;
  }
}

/** Versions have no gaps, so the length is found by doubling and halving: a handful of reads by primary key. */
async function countEvents(store: EventStore, stream: string): Promise<number> {
  const exists = async (version: number) =>
    (await store.readStream(stream, { fromVersion: version, limit: 1 })).length > 0;
  let below = 0;
  let above = 1;
  while (await exists(above)) {
    below = above;
    above *= 2;
  }
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (await exists(middle)) below = middle;
    else above = middle;
  }
  return below;
}
