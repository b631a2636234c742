/** Who may debit what on the base ledger. Owners sign; what no owner holds moves only by the network's own services. */
import {
  encodeBase58,
  findIntentField,
  parseBond,
  refuse,
  succeed,
  type Intent,
  type RefusalCode,
  type Result,
} from "@mira/primitives";
import { ESCROW_ACCOUNT, FEES_ACCOUNT, ISSUANCE_ACCOUNT } from "./base-ledger.ts";

export type DebitRequest = {
  readonly debit: string;
  readonly credit: string;
  readonly amountUnits: string;
  readonly reason: string;
  /** Verified: form, network, lifetime, signature by `signer`. */
  readonly intent: Intent | undefined;
  readonly signer: Uint8Array | undefined;
};

type AuthorityRefusal = Extract<RefusalCode, "TRANSFER_FORBIDDEN">;

/** Settlement alone moves these: by genesis and by settled batches. */
const KEPT_BY_SETTLEMENT = [ISSUANCE_ACCOUNT, FEES_ACCOUNT, ESCROW_ACCOUNT];

export function checkDebitAuthority(request: DebitRequest): Result<undefined, AuthorityRefusal> {
  if (KEPT_BY_SETTLEMENT.includes(request.debit) || request.credit === ISSUANCE_ACCOUNT)
    return forbid("the account is moved by settlement alone", {
      debit: request.debit,
      credit: request.credit,
    });
  if (request.credit.startsWith("escrow/"))
    return forbid("escrow is funded by deposits into the runtime alone", { credit: request.credit });
  if (!request.debit.startsWith("owner/")) return succeed(undefined);
  const { intent, signer } = request;
  if (intent === undefined || signer === undefined)
    return forbid("a debit of an owner's account needs the owner's signed intent", { debit: request.debit });
  if (
    request.debit !== `owner/${encodeBase58(intent.account)}` ||
    encodeBase58(signer) !== encodeBase58(intent.account)
  )
    return forbid("the intent is not signed by the owner of the debit account", { debit: request.debit });
  return intent.purpose === "stake.bond" ? checkBond(intent, request) : checkTransfer(intent, request);
}

function checkTransfer(intent: Intent, request: DebitRequest): Result<undefined, AuthorityRefusal> {
  const signed = [
    ["debit", request.debit],
    ["credit", request.credit],
    ["amount", request.amountUnits],
    ["reason", request.reason],
  ] as const;
  const other = signed.find(([name, value]) => findIntentField(intent, name) !== value);
  if (other !== undefined || intent.fields.length !== signed.length || intent.purpose !== "base.transfer")
    return forbid("the intent asks for another transfer", { field: other?.[0] ?? "fields" });
  return succeed(undefined);
}

/** Staking passes on the operator's intent to bond: it may move exactly that amount to exactly that bond. */
function checkBond(intent: Intent, request: DebitRequest): Result<undefined, AuthorityRefusal> {
  const terms = parseBond(intent);
  if (!terms.ok) return forbid("the bond's intent is not valid", { why: terms.message });
  const bond = `bond/${encodeBase58(terms.value.validatorKey)}`;
  if (request.credit !== bond || request.amountUnits !== terms.value.amountUnits.toString())
    return forbid("the intent bonds another amount or validator", {
      needed: `${terms.value.amountUnits} to ${bond}`,
      got: `${request.amountUnits} to ${request.credit}`,
    });
  return succeed(undefined);
}

function forbid(message: string, details: Record<string, string>): Result<never, AuthorityRefusal> {
  return refuse("TRANSFER_FORBIDDEN", message, details);
}
