/** The base ledger's RPCs. */
import {
  TransferState,
  type CreateTransferRequest,
  type CreateTransferResponse,
  type GetBaseAccountRequest,
  type GetBaseAccountResponse,
  type ListTransfersRequest,
  type ListTransfersResponse,
  type PostTransferRequest,
  type PostTransferResponse,
  type Transfer as TransferMessage,
  type VoidTransferRequest,
  type VoidTransferResponse,
} from "@mira/api/gen/mira/settlement/v1/settlement.ts";
import {
  decodeIntent,
  refuse,
  succeed,
  verifyIntent,
  type BaseUnits,
  type Intent,
  type Result,
  type UnixMs,
} from "@mira/primitives";
import { AMOUNT_DIGITS_MAX, isAccountName, type BaseAccount, type Transfer } from "../domain/base-ledger.ts";
import { checkDebitAuthority } from "../domain/debit-authority.ts";
import type { Clock } from "../ports.ts";

const TRANSFERS_MAX = 1000;
/** A pending transfer holds value back: none does so for longer than this. */
const PENDING_MS_MAX = 365 * 24 * 60 * 60 * 1000;
const REASON_MAX = 512;

type Request = {
  readonly requestId: string;
  readonly content: readonly string[];
  readonly intent: Uint8Array | undefined;
};

export type BaseLedgerParts = {
  readonly networkId: string;
  readonly clock: Clock;
  readonly transfers: {
    readonly create: (
      request: Request,
      command: {
        readonly debit: string;
        readonly credit: string;
        readonly amount: BaseUnits;
        readonly reason: string;
        readonly at: UnixMs;
        readonly expiresAt: UnixMs | undefined;
      },
    ) => Promise<Result<Transfer>>;
    readonly post: (request: Request, transferId: string) => Promise<Result<Transfer>>;
    readonly void: (request: Request, transferId: string, reason: string) => Promise<Result<Transfer>>;
  };
  readonly findAccount: (name: string) => Promise<BaseAccount | undefined>;
  readonly listTransfers: (account: string, limit: number) => Promise<Transfer[]>;
};

export async function createTransfer(
  parts: BaseLedgerParts,
  request: CreateTransferRequest,
): Promise<Result<CreateTransferResponse>> {
  const { requestId, debitAccount: debit, creditAccount: credit, amountUnits, reason } = request;
  const invalid = findInvalidField(request);
  if (invalid !== undefined) return refuse("REQUEST_INVALID", `${invalid} is not valid`, { field: invalid });
  const at = parts.clock.now();
  const intent = request.intent === undefined ? succeed(undefined) : readIntent(parts, request.intent, at);
  if (!intent.ok) return intent;
  const signer = request.intent?.publicKey;
  const authority = checkDebitAuthority({ debit, credit, amountUnits, reason, intent: intent.value, signer });
  if (!authority.ok) return authority;
  const pendingMs = Number(request.pendingMs);
  const created = await parts.transfers.create(
    {
      requestId,
      content: [debit, credit, amountUnits, reason, String(pendingMs)],
      intent: debit.startsWith("owner/") ? request.intent?.intent : undefined,
    },
    {
      debit,
      credit,
      amount: BigInt(amountUnits) as BaseUnits,
      reason,
      at,
      expiresAt: pendingMs === 0 ? undefined : ((at + pendingMs) as UnixMs),
    },
  );
  return toResponse(created);
}

function findInvalidField(request: CreateTransferRequest): string | undefined {
  if (!isRequestId(request.requestId)) return "request_id";
  if (!isAccountName(request.debitAccount)) return "debit_account";
  if (!isAccountName(request.creditAccount)) return "credit_account";
  if (!/^[1-9]\d*$/.test(request.amountUnits) || request.amountUnits.length > AMOUNT_DIGITS_MAX)
    return "amount_units";
  if (request.reason.length > REASON_MAX) return "reason";
  return request.pendingMs > PENDING_MS_MAX ? "pending_ms" : undefined;
}

function isRequestId(requestId: string): boolean {
  return /^[\w.:/+=-]{1,128}$/.test(requestId) && !/^(?:genesis|fees|expire)\//.test(requestId);
}

/** Which of the two purposes it is decides what its fields must say; both are verified in the same way. */
function readIntent(
  { networkId }: BaseLedgerParts,
  signed: NonNullable<CreateTransferRequest["intent"]>,
  now: UnixMs,
): Result<Intent> {
  const decoded = decodeIntent(signed.intent);
  if (!decoded.ok) return decoded;
  const purpose = decoded.value.purpose === "stake.bond" ? "stake.bond" : "base.transfer";
  return verifyIntent(signed, { networkId, purpose, now });
}

export async function postTransfer(
  { transfers }: BaseLedgerParts,
  { requestId, transferId }: PostTransferRequest,
): Promise<Result<PostTransferResponse>> {
  if (!isRequestId(requestId))
    return refuse("REQUEST_INVALID", "request_id is not valid", { field: "request_id" });
  return toResponse(
    await transfers.post({ requestId, content: ["post", transferId], intent: undefined }, transferId),
  );
}

export async function voidTransfer(
  { transfers }: BaseLedgerParts,
  { requestId, transferId, reason }: VoidTransferRequest,
): Promise<Result<VoidTransferResponse>> {
  if (!isRequestId(requestId))
    return refuse("REQUEST_INVALID", "request_id is not valid", { field: "request_id" });
  if (reason.length > REASON_MAX) return refuse("REQUEST_INVALID", "reason is too long", { field: "reason" });
  const request = { requestId, content: ["void", transferId, reason], intent: undefined };
  return toResponse(await transfers.void(request, transferId, reason));
}

export async function getBaseAccount(
  { findAccount }: BaseLedgerParts,
  { account }: GetBaseAccountRequest,
): Promise<Result<GetBaseAccountResponse>> {
  if (!isAccountName(account))
    return refuse("REQUEST_INVALID", "account is not a name", { field: "account" });
  const found = await findAccount(account);
  return succeed({
    account,
    posted: String(found?.posted ?? 0n),
    pendingOut: String(found?.pendingOut ?? 0n),
    pendingIn: String(found?.pendingIn ?? 0n),
  });
}

export async function listTransfers(
  parts: BaseLedgerParts,
  { account, limit }: ListTransfersRequest,
): Promise<Result<ListTransfersResponse>> {
  if (limit > TRANSFERS_MAX)
    return refuse("REQUEST_INVALID", "too many transfers at once", { field: "limit", max: TRANSFERS_MAX });
  const found = await parts.listTransfers(account, limit === 0 ? TRANSFERS_MAX : limit);
  return succeed({ transfers: found.map(toMessage) });
}

function toResponse(result: Result<Transfer>): Result<{ transfer: TransferMessage }> {
  return result.ok ? succeed({ transfer: toMessage(result.value) }) : result;
}

const STATES = {
  pending: TransferState.PENDING,
  posted: TransferState.POSTED,
  voided: TransferState.VOIDED,
} as const;

function toMessage(transfer: Transfer): TransferMessage {
  return {
    transferId: transfer.transferId,
    debitAccount: transfer.debit,
    creditAccount: transfer.credit,
    amountUnits: transfer.amount.toString(),
    state: STATES[transfer.state],
    reason: transfer.reason,
    atMs: BigInt(transfer.at),
    expiresMs: BigInt(transfer.expiresAt),
  };
}
