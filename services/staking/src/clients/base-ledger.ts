/** The base ledger port over settlement's gRPC API. */
import type { settlement } from "@mira/api";
import { call, type GrpcClient } from "@mira/chassis";
import { refuse, succeed, type Result } from "@mira/primitives";
import type { BaseLedger } from "../ports.ts";

type Settlement = GrpcClient<typeof settlement.SettlementServiceService>;

export function createBaseLedger(client: Settlement): BaseLedger {
  return {
    createTransfer: async ({ requestId, debit, credit, amount, reason, pendingMs, intent }) =>
      toTransferId(
        await call(client, "createTransfer", {
          requestId,
          debitAccount: debit,
          creditAccount: credit,
          amountUnits: String(amount),
          reason,
          pendingMs: BigInt(pendingMs),
          intent,
        }),
      ),
    postTransfer: async (transferId) =>
      toTransferId(await call(client, "postTransfer", { requestId: `post/${transferId}`, transferId })),
    voidTransfer: async (transferId, reason) =>
      toTransferId(
        await call(client, "voidTransfer", { requestId: `void/${transferId}`, transferId, reason }),
      ),
  };
}

function toTransferId(
  response: Result<{ readonly transfer: settlement.Transfer | undefined }>,
): Result<string> {
  if (!response.ok) return response;
  const transferId = response.value.transfer?.transferId;
  return transferId === undefined
    ? refuse("NOT_FOUND", "settlement's answer has no transfer")
    : succeed(transferId);
}
