/** What is heard from others and kept: answers of re-executors with their holds, and events that become audit entries. */
import type { EventStore } from "@mira/event-store";
import type { Pool } from "pg";
import { describeHeld, type AuditEntry } from "../domain/audit-kinds.ts";
import type { HeldCommit } from "../ports.ts";
import type { AuditStore, NewEntry } from "./audit.ts";
import { putHold, putVerdict, type Verdict } from "./finality.ts";
import { inTransaction } from "./transaction.ts";

export type HeardParts = {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly audit: AuditStore;
  readonly networkId: string;
};

export type HeardEntry = {
  readonly id: string;
  readonly entry: AuditEntry;
  /** For the log of certificates, too. */
  readonly certificate?: NewEntry;
};

const AUDIT_CONSUMER = "audit";

/** Idempotent: a hold is written and recorded once. */
export async function commitVerdict(
  parts: HeardParts,
  verdict: Verdict,
  held: HeldCommit | undefined,
): Promise<void> {
  await inTransaction(parts.pool, async (client) => {
    await putVerdict(client, verdict);
    if (held === undefined) return;
    const isNew = await putHold(client, { batch: held.batchNumber, reason: held.reason, at: held.at });
    if (isNew) await parts.audit.append(client, [describeHeld(parts.networkId, held)]);
  });
}

/** Each event's id is remembered with its entry, so that one event has one entry however often it is delivered. */
export async function recordHeard(
  { pool, store, audit, certificates }: HeardParts & { readonly certificates: AuditStore },
  heard: readonly HeardEntry[],
): Promise<void> {
  await inTransaction(pool, async (client) => {
    const fresh: HeardEntry[] = [];
    for (const one of heard) if (await store.once(client, AUDIT_CONSUMER, one.id)) fresh.push(one);
    const issued = fresh.flatMap(({ certificate }) => certificate ?? []);
    if (fresh.length > 0)
      await audit.append(
        client,
        fresh.map(({ entry }) => entry),
      );
    if (issued.length > 0) await certificates.append(client, issued);
  });
}
