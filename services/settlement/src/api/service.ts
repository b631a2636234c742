/** Binds the RPCs of SettlementService to their handlers. */
import { Log, type SettlementServiceServer } from "@mira/api/gen/mira/settlement/v1/settlement.ts";
import { serverStream, unary } from "@mira/chassis";
import { getAccounts, streamSnapshot, type Snapshot } from "./accounts.ts";
import { getCheckpoint, getConsistencyProof, getEntryProof, listEntries, type LogParts } from "./audit.ts";
import {
  createTransfer,
  getBaseAccount,
  listTransfers,
  postTransfer,
  voidTransfer,
  type BaseLedgerParts,
} from "./base-ledger.ts";
import { getReceipt, getReceiptProof, waitForCommitment, type ReceiptParts } from "./receipts.ts";
import { getSettledBatch, getStatus, listQuarantine, watchProgress, type StatusParts } from "./status.ts";
import type { AccountReader } from "../memory/account-reader.ts";

export type ServiceParts = {
  readonly status: StatusParts;
  readonly receipts: ReceiptParts;
  readonly base: BaseLedgerParts;
  readonly reader: AccountReader;
  readonly audit: LogParts;
  readonly certificates: LogParts;
  readonly openSnapshot: (of: { readonly executableOnly: boolean }) => Snapshot;
};

export function createService(parts: ServiceParts): SettlementServiceServer {
  const { status, receipts, base, audit, certificates } = parts;
  const logOf = ({ log }: { log?: Log | undefined }): LogParts =>
    log === Log.CERTIFICATES ? certificates : audit;
  const { ledger } = status;
  return {
    getAccounts: unary((request, call) => getAccounts({ ledger, reader: parts.reader }, request, call)),
    streamSnapshot: serverStream((request, call) => streamSnapshot(parts.openSnapshot(request), call)),
    getReceipt: unary((request, call) => getReceipt(receipts, request, call)),
    waitForCommitment: unary((request, call) => waitForCommitment(receipts, request, call)),
    getReceiptProof: unary((request, call) => getReceiptProof(receipts, request, call)),
    watchProgress: serverStream((_request, call) => watchProgress(status, call)),
    getStatus: unary(() => getStatus(status)),
    getSettledBatch: unary((request) => getSettledBatch(status, request)),
    listQuarantine: unary((request) => listQuarantine(status, request)),
    getCheckpoint: unary((request) => getCheckpoint(logOf(request))),
    getEntryProof: unary((request, call) => getEntryProof(logOf(request), request, call)),
    getConsistencyProof: unary((request) => getConsistencyProof(logOf(request), request)),
    listEntries: unary((request) => listEntries(audit, request)),
    getBaseAccount: unary((request) => getBaseAccount(base, request)),
    listTransfers: unary((request) => listTransfers(base, request)),
    createTransfer: unary((request) => createTransfer(base, request)),
    postTransfer: unary((request) => postTransfer(base, request)),
    voidTransfer: unary((request) => voidTransfer(base, request)),
  };
}
