/** What the API stands on, made from a leader's parts. */
import { formatVerifierKey } from "@mira/merkle";
import { createKeyPair } from "@mira/primitives";
import { EntryProofs, type LogParts } from "./api/audit.ts";
import type { ServiceParts } from "./api/service.ts";
import { ESCROW_ACCOUNT } from "./domain/base-ledger.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { Leader } from "./leader.ts";
import type { AuditStore } from "./store/audit.ts";
import { listTransfers, readBaseAccount } from "./store/base-ledger.ts";
import { listQuarantined } from "./store/quarantine.ts";
import { findBatchOf, searchReceiptIds } from "./store/receipts.ts";
import { readFinalizedAt, readSettledBatch, readSettledBytes, readSnapshot } from "./store/snapshot.ts";

function createLogParts(reads: AuditStore, { newest, sizes }: Checkpoints): LogParts {
  const heads = { newest, sizes };
  return { reads, heads, proofs: new EntryProofs(reads, heads) };
}

export function createServiceParts(leader: Leader): ServiceParts {
  const { context, pool, store, ledger, audit, checkpoints, reader, sealed, transfers, lease } = leader;
  const { certificates, certificateHeads } = leader;
  const { config, clock } = context;
  const { networkId, challengeWindowMs } = config;
  const auditLog = createLogParts(audit, checkpoints);
  return {
    reader,
    audit: auditLog,
    certificates: createLogParts(certificates, certificateHeads),
    openSnapshot: (of) => readSnapshot(pool, of),
    status: {
      ledger,
      clock,
      epoch: lease.epoch,
      challengeWindowMs,
      logVerifierKey: formatVerifierKey(networkId, createKeyPair(config.keySeed).publicKey),
      readTreeSize: () => checkpoints.newest()?.size ?? 0,
      findEscrow: async () => (await readBaseAccount(pool, ESCROW_ACCOUNT))?.posted ?? 0n,
      findSettledBatch: (number) =>
        Promise.resolve(ledger.recent.get(number)?.packed.bytes ?? readSettledBytes(store, number)),
      listQuarantined: (limit) => listQuarantined(pool, limit),
    },
    receipts: {
      ledger,
      sealed,
      proofs: auditLog.proofs,
      challengeWindowMs,
      batches: {
        find: (number) => readSettledBatch(store, number),
        findBatchOf: (sequence) => findBatchOf(pool, sequence),
        findFinalizedAt: (number) => readFinalizedAt(store, number),
        searchIds: (query) => searchReceiptIds(pool, query),
      },
    },
    base: {
      networkId,
      clock,
      transfers,
      findAccount: (name) => readBaseAccount(pool, name),
      listTransfers: (account, limit) => listTransfers(pool, account, limit),
    },
  };
}
