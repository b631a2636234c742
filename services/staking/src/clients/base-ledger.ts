/** The base ledger port over settlement's gRPC API. */
import { settlement } from "@mira/api";
import { call, type GrpcClient } from "@mira/chassis";
import { refuse, succeed, type Refusal, type Result } from "@mira/primitives";
import type { BaseLedger } from "../ports.ts";

type Settlement = GrpcClient<typeof settlement.SettlementServiceService>;

export function createBaseLedger(client: Settlement): BaseLedger {
  return {
    async createTransfer({ requestId, debit, credit, amount, reason, pendingMs, intent }) {
      const response = await call(client, "createTransfer", {
        requestId,
        debitAccount: debit,
        creditAccount: credit,
        amountUnits: String(amount),
        reason,
        pendingMs: BigInt(pendingMs),
        intent,
      });
      return refuseVoided(response) ?? toTransferId(response);
    },
    postTransfer: async (transferId) =>
      toTransferId(await call(client, "postTransfer", { requestId: `post/${transferId}`, transferId })),
    voidTransfer: async (transferId, reason) =>
      toTransferId(
        await call(client, "voidTransfer", { requestId: `void/${transferId}`, transferId, reason }),
      ),
  };
}

type Answer = Result<{ readonly transfer: settlement.Transfer | undefined }>;

/** A request sent again gets its transfer as it is by now; one that has ended without moving anything must not count as a bond. */
function refuseVoided(response: Answer): Refusal<"TRANSFER_ENDED"> | undefined {
  const transfer = response.ok ? response.value.transfer : undefined;
  return transfer?.state === settlement.TransferState.VOIDED
    ? refuse("TRANSFER_ENDED", "the reservation of this request has ended: sign a new one", {
        transferId: transfer.transferId,
      })
    : undefined;
}

function toTransferId(response: Answer): Result<string> {
  if (!response.ok) return response;
  const transferId = response.value.transfer?.transferId;
  return transferId === undefined
    ? refuse("NOT_FOUND", "settlement's answer has no transfer")
    : succeed(transferId);
}
