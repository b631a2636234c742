/** What a leader is made of: handed from the composition root to those who start its parts. */
import type { ServiceContext } from "@mira/chassis";
import type { EventStore, Lease } from "@mira/event-store";
import type { Messaging } from "@mira/messaging";

import type { Checkpoints } from "./checkpoints.ts";
import type { SettlementConfig } from "./config.ts";
import type { connectSequencer } from "./connections.ts";
import type { AccountReader } from "./memory/account-reader.ts";
import type { Ledger } from "./memory/ledger.ts";
import type { SealedBatches } from "./memory/sealed-batches.ts";
import type { Journal } from "./ports.ts";
import type { AuditStore } from "./store/audit.ts";
import type { BaseTransfers } from "./store/base-transfers.ts";
import type { Pool } from "./store/schema.ts";
import type { Restored } from "./store/restore.ts";
import type { SettlementMetrics } from "./telemetry.ts";

export const AUDIT_CONSUMER = "settlement-audit";
export const VERDICTS_CONSUMER = "settlement-verdicts";

export type Context = ServiceContext<SettlementConfig>;

/** Everything a leader's parts are made of. */
export type Leader = {
  readonly context: Context;
  readonly pool: Pool;
  readonly store: EventStore;
  readonly messaging: Messaging;
  readonly lease: Lease;
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly audit: AuditStore;
  /** The log whose leaves are certificates' envelopes. */
  readonly certificates: AuditStore;
  readonly reader: AccountReader;
  readonly sealed: SealedBatches;
  readonly source: ReturnType<typeof connectSequencer>;
  readonly transfers: BaseTransfers;
  readonly checkpoints: Checkpoints;
  readonly certificateHeads: Checkpoints;
  readonly restored: Restored;
  readonly metrics: SettlementMetrics;
};
