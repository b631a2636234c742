/**
 * The base ledger: double entry in MIRA base units. What one account loses another gains, in the same event; a pending
 * transfer reserves the amount until it is posted, voided or expires.
 */
import { accept, refuse, unreachable, type BaseUnits, type Decision, type UnixMs } from "@mira/primitives";

export type BaseAccount = {
  readonly posted: bigint;
  /** Reserved by pending transfers out of it; cannot be spent. */
  readonly pendingOut: bigint;
  /** Promised by pending transfers into it; cannot be spent yet. */
  readonly pendingIn: bigint;
};

export const EMPTY_ACCOUNT: BaseAccount = { posted: 0n, pendingOut: 0n, pendingIn: 0n };
/** Genesis issues from here: its balance below zero is the supply. Nothing else may go below zero. */
export const ISSUANCE_ACCOUNT = "issuance";
export const FEES_ACCOUNT = "fees";
export const ESCROW_ACCOUNT = "escrow/svm";
export const AMOUNT_DIGITS_MAX = 30;

export type TransferState = "pending" | "posted" | "voided";

export type Transfer = {
  readonly transferId: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: BaseUnits;
  readonly state: TransferState;
  readonly reason: string;
  readonly at: UnixMs;
  /** 0: it was posted at once. */
  readonly expiresAt: UnixMs;
};

/** What a decision needs to know: the accounts and the transfer that the command names. */
export type BaseState = {
  readonly accounts: ReadonlyMap<string, BaseAccount>;
  readonly transfer: Transfer | undefined;
};

export type BaseCommand =
  | {
      readonly type: "create";
      readonly transferId: string;
      readonly debit: string;
      readonly credit: string;
      readonly amount: BaseUnits;
      readonly reason: string;
      readonly at: UnixMs;
      /** Undefined: the value moves at once. */
      readonly expiresAt: UnixMs | undefined;
    }
  | { readonly type: "post"; readonly at: UnixMs }
  | { readonly type: "void"; readonly at: UnixMs; readonly reason: string }
  | { readonly type: "expire"; readonly at: UnixMs };

export type BaseEvent =
  | { readonly type: "TransferCreated"; readonly transfer: Transfer }
  | { readonly type: "TransferPosted"; readonly transfer: Transfer; readonly at: UnixMs }
  | {
      readonly type: "TransferVoided";
      readonly transfer: Transfer;
      readonly at: UnixMs;
      readonly reason: string;
    };

export type BaseRefusal = "BALANCE_INSUFFICIENT" | "TRANSFER_ENDED" | "REQUEST_INVALID" | "NOT_FOUND";

export function decide(command: BaseCommand, state: BaseState): Decision<BaseEvent, BaseRefusal> {
  switch (command.type) {
    case "create":
      return create(command, state);
    case "post":
      return endTransfer(state, command.at, (transfer) => ({
        type: "TransferPosted",
        transfer,
        at: command.at,
      }));
    case "void":
      return endTransfer(state, command.at, (transfer) => voided(transfer, command.at, command.reason));
    case "expire":
      return expire(state.transfer, command.at);
    default:
      return unreachable(command);
  }
}

function create(
  command: Extract<BaseCommand, { type: "create" }>,
  state: BaseState,
): Decision<BaseEvent, BaseRefusal> {
  const { debit, credit, amount, at, expiresAt } = command;
  if (amount <= 0n)
    return refuse("REQUEST_INVALID", "an amount is above zero", { field: "amount_units", got: amount });
  if (debit === credit)
    return refuse("REQUEST_INVALID", "debit and credit are one account", { account: debit });
  if (expiresAt !== undefined && expiresAt <= at)
    return refuse("REQUEST_INVALID", "a pending transfer ends after it begins", { at, expiresAt });
  const account = state.accounts.get(debit) ?? EMPTY_ACCOUNT;
  const available = account.posted - account.pendingOut;
  if (debit !== ISSUANCE_ACCOUNT && available < amount)
    return refuse("BALANCE_INSUFFICIENT", "the debit account lacks the amount", {
      account: debit,
      needed: amount,
      available,
    });
  const transfer: Transfer = {
    transferId: command.transferId,
    debit,
    credit,
    amount,
    state: expiresAt === undefined ? "posted" : "pending",
    reason: command.reason,
    at,
    expiresAt: expiresAt ?? (0 as UnixMs),
  };
  return accept({ type: "TransferCreated", transfer });
}

function endTransfer(
  { transfer }: BaseState,
  at: UnixMs,
  end: (transfer: Transfer) => BaseEvent,
): Decision<BaseEvent, BaseRefusal> {
  if (transfer === undefined) return refuse("NOT_FOUND", "no such transfer");
  if (transfer.state !== "pending" || at >= transfer.expiresAt)
    return refuse("TRANSFER_ENDED", "the transfer is not pending any more", {
      transferId: transfer.transferId,
      state: transfer.state,
      expiresAt: transfer.expiresAt,
      at,
    });
  return accept(end(transfer));
}

function expire(transfer: Transfer | undefined, at: UnixMs): Decision<BaseEvent, BaseRefusal> {
  if (transfer === undefined) return refuse("NOT_FOUND", "no such transfer");
  if (transfer.state !== "pending" || at < transfer.expiresAt)
    return refuse("TRANSFER_ENDED", "the transfer does not expire now", {
      transferId: transfer.transferId,
      at,
    });
  return accept(voided(transfer, at, "expired"));
}

function voided(transfer: Transfer, at: UnixMs, reason: string): BaseEvent {
  return { type: "TransferVoided", transfer, at, reason };
}

/** The change of each account that an event means; they sum to zero in every column's meaning. */
export type BalanceChange = { readonly account: string } & BaseAccount;

export function computeChanges(event: BaseEvent): readonly BalanceChange[] {
  const { debit, credit } = event.transfer;
  const amount: bigint = event.transfer.amount;
  switch (event.type) {
    case "TransferCreated":
      return event.transfer.state === "posted"
        ? [change(debit, -amount, 0n, 0n), change(credit, amount, 0n, 0n)]
        : [change(debit, 0n, amount, 0n), change(credit, 0n, 0n, amount)];
    case "TransferPosted":
      return [change(debit, -amount, -amount, 0n), change(credit, amount, 0n, -amount)];
    case "TransferVoided":
      return [change(debit, 0n, -amount, 0n), change(credit, 0n, 0n, -amount)];
    default:
      return unreachable(event);
  }
}

function change(account: string, posted: bigint, pendingOut: bigint, pendingIn: bigint): BalanceChange {
  return { account, posted, pendingOut, pendingIn };
}

export function applyChange(account: BaseAccount, by: BaseAccount): BaseAccount {
  return {
    posted: account.posted + by.posted,
    pendingOut: account.pendingOut + by.pendingOut,
    pendingIn: account.pendingIn + by.pendingIn,
  };
}

/** The transfer as it stands after the event. */
export function evolveTransfer(event: BaseEvent): Transfer {
  switch (event.type) {
    case "TransferCreated":
      return event.transfer;
    case "TransferPosted":
      return { ...event.transfer, state: "posted" };
    case "TransferVoided":
      return { ...event.transfer, state: "voided" };
    default:
      return unreachable(event);
  }
}

/** `owner/<base58>`, `bond/<base58>`, `escrow/svm`, `fees`: lower case kind, then a name; 1 to 128 characters. */
export function isAccountName(name: string): boolean {
  return /^[a-z][a-z0-9-]{0,31}(?:\/[A-Za-z0-9._:-]{1,95})?$/.test(name);
}
