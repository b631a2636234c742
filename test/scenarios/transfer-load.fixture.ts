/** A steady load of transfers, and a record of what was promised about each: the witness of a crash test. */
import { setTimeout as sleep } from "node:timers/promises";
import { CallError, encodeBase58, type KeyPair, type MiraClient } from "@mira/client";
import { createDevKey } from "@mira/localnet";
import { buildTransaction, transferSol } from "./transactions.fixture.ts";

export type Sent = {
  readonly from: KeyPair;
  readonly to: Uint8Array;
  readonly lamports: bigint;
  readonly wire: Uint8Array;
  /** In base58. */
  readonly transactionId: string;
  /** What the sequencer promised; undefined when no answer came, or a refusal. */
  acknowledged: number | undefined;
};

export type TransferLoad = {
  readonly sent: readonly Sent[];
  /** How often each refusal came. */
  readonly refusals: ReadonlyMap<string, number>;
  readonly countAcknowledged: () => number;
  /** Resolves when the last call has been answered or given up. */
  readonly stop: () => Promise<void>;
};

export const PAYERS = Array.from({ length: 8 }, (_, index) => createDevKey(`crash-payer-${index}`));
export const RECIPIENTS = Array.from(
  { length: 4 },
  (_, index) => createDevKey(`crash-recipient-${index}`).publicKey,
);
/** Above what an account must hold to exist, so that a first transfer opens it. */
const LAMPORTS_FIRST = 1_000_000n;
const PER_CALL = 4;
const PAUSE_MS = 50;
const DEADLINE_MS = 4_000;
const TRIES_MAX = 3;
/** Well within the 150 slots of 400 ms. */
const BLOCKHASH_MS = 5_000;
/** A sequencer that does not come back leaves calls open: so many, and the load waits. */
const OPEN_MAX = 64;

export function startTransferLoad(client: MiraClient): TransferLoad {
  const sent: Sent[] = [];
  const refusals = new Map<string, number>();
  const stopping = new AbortController();
  const open = new Set<Promise<void>>();
  let blockhash: Uint8Array | undefined;
  const running = Promise.all([refreshBlockhash(), run()]);

  async function refreshBlockhash(): Promise<void> {
    while (!stopping.signal.aborted) {
      const latest = await attempt(() => client.ledger.getLatestBlockhash({ deadlineMs: 1_000 }));
      if (latest?.ok === true) blockhash = latest.value.blockhash;
      await sleep(latest?.ok === true ? BLOCKHASH_MS : 200, undefined, { signal: stopping.signal }).catch(
        () => undefined,
      );
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (blockhash !== undefined && open.size < OPEN_MAX) {
        const call = submit(Array.from({ length: PER_CALL }, () => create(sent.length, blockhash)));
        open.add(call);
        void call.finally(() => open.delete(call));
      }
      await sleep(PAUSE_MS);
    }
    await Promise.all(open);
  }

  function create(index: number, recent: Uint8Array | undefined): Sent {
    const from = PAYERS[index % PAYERS.length] ?? createDevKey("alice");
    const to = RECIPIENTS[(index * 7) % RECIPIENTS.length] ?? from.publicKey;
    const lamports = LAMPORTS_FIRST + BigInt(index);
    const wire = buildTransaction({
      payer: from,
      blockhash: recent ?? new Uint8Array(32),
      instructions: [transferSol(from, to, lamports)],
    });
    const transactionId = encodeBase58(wire.subarray(1, 65));
    const entry: Sent = { from, to, lamports, wire, transactionId, acknowledged: undefined };
    sent.push(entry);
    return entry;
  }

  /** Submitting again is safe: whatever was taken the first time is refused as a duplicate. */
  async function submit(entries: readonly Sent[], tries = 1): Promise<void> {
    const wires = entries.map(({ wire }) => wire);
    const outcome = await attempt(() => client.ledger.submitTransactions(wires, { deadlineMs: DEADLINE_MS }));
    if (outcome === undefined) {
      count("no answer");
      if (tries < TRIES_MAX) await submit(entries, tries + 1);
    } else if (!outcome.ok) count(outcome.code);
    else
      for (const [index, single] of outcome.value.entries()) {
        const entry = entries[index];
        if (single.ok && entry !== undefined) entry.acknowledged = single.value;
        if (!single.ok) count(single.code);
      }
  }

  function count(code: string): void {
    refusals.set(code, (refusals.get(code) ?? 0) + 1);
  }

  return {
    sent,
    refusals,
    countAcknowledged: () => sent.filter(({ acknowledged }) => acknowledged !== undefined).length,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** Undefined when no answer came. */
export async function attempt<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof CallError) return undefined;
    throw error;
  }
}
