/** Bond and unbond: the stake is reserved on the base ledger, then the event is appended, then the reservation is posted. */
import type { staking, types } from "@mira/api";
import {
  bytesEqual,
  deriveValidatorId,
  encodeBase58,
  encodeHex,
  parseBond,
  parseUnbond,
  refuse,
  succeed,
  verifyIntent,
  type BaseUnits,
  type Intent,
  type IntentPurpose,
  type Result,
  type SignedIntent,
} from "@mira/primitives";
import { decide } from "../domain/decide.ts";
import { summarize } from "../domain/summary.ts";
import type { ValidatorState } from "../domain/validator.ts";
import type { BaseLedger, Clock, ValidatorStreams } from "../ports.ts";
import { toValidatorMessage } from "./staking-message.ts";

export type BondingDependencies = {
  readonly networkId: string;
  readonly bondMinimum: BaseUnits;
  readonly unbondingMs: number;
  readonly streams: ValidatorStreams;
  readonly ledger: BaseLedger;
  readonly clock: Clock;
  /** Carries out what is due without waiting for the worker's next step. */
  readonly carryOutDue: () => Promise<void>;
};

/** Long enough for the append; a reservation whose append never came frees the stake by itself. */
const RESERVATION_MS = 5 * 60_000;

export async function bond(
  dependencies: BondingDependencies,
  request: staking.BondRequest,
): Promise<Result<staking.BondResponse>> {
  const verified = verify(dependencies, request.intent, "stake.bond");
  if (!verified.ok) return verified;
  const { intent, signed } = verified.value;
  const terms = parseBond(intent);
  if (!terms.ok) return terms;
  const { validatorKey, family, amountUnits: amount } = terms.value;
  const validatorId = deriveValidatorId(validatorKey);
  const reserved = await dependencies.ledger.createTransfer({
    requestId: `bond/${encodeHex(intent.account)}/${encodeHex(intent.requestId)}`,
    debit: `owner/${encodeBase58(intent.account)}`,
    credit: `bond/${validatorId}`,
    amount,
    reason: `bond of ${validatorId}`,
    pendingMs: RESERVATION_MS,
    intent: signed,
  });
  if (!reserved.ok) return reserved;
  const transferId = reserved.value;
  const { bondMinimum: minimum, clock, streams } = dependencies;
  const command = {
    type: "bond",
    validatorId,
    validatorKey,
    operator: intent.account,
    signer: signed.publicKey,
    family,
    amount,
    transferId,
    minimum,
    at: clock.now(),
  } as const;
  const handled = await streams.handle(validatorId, (state) => decide(command, state));
  if (!handled.ok) {
    await dependencies.ledger.voidTransfer(transferId, `${handled.code}: ${handled.message}`);
    return handled;
  }
  await dependencies.carryOutDue();
  return answer(handled.value.state);
}

export async function unbond(
  dependencies: BondingDependencies,
  request: staking.UnbondRequest,
): Promise<Result<staking.UnbondResponse>> {
  const verified = verify(dependencies, request.intent, "stake.unbond");
  if (!verified.ok) return verified;
  const { intent, signed } = verified.value;
  const terms = parseUnbond(intent);
  if (!terms.ok) return terms;
  const { validatorKey, amountUnits: amount } = terms.value;
  const { unbondingMs, clock, streams } = dependencies;
  const command = { type: "unbond", signer: signed.publicKey, amount, unbondingMs, at: clock.now() } as const;
  const handled = await streams.handle(deriveValidatorId(validatorKey), (state) => decide(command, state));
  return handled.ok ? answer(handled.value.state) : handled;
}

function verify(
  { networkId, clock }: BondingDependencies,
  signed: types.SignedIntent | undefined,
  purpose: IntentPurpose,
): Result<{ intent: Intent; signed: SignedIntent }> {
  if (signed === undefined)
    return refuse("REQUEST_INVALID", "the request has no intent", { field: "intent" });
  const intent = verifyIntent(signed, { networkId, purpose, now: clock.now() });
  if (!intent.ok) return intent;
  if (!bytesEqual(intent.value.account, signed.publicKey))
    return refuse("INTENT_SIGNATURE_INVALID", "the intent is signed by the account it names", {
      needed: encodeBase58(intent.value.account),
      got: encodeBase58(signed.publicKey),
    });
  return succeed({ intent: intent.value, signed });
}

function answer(state: ValidatorState): Result<{ validator: staking.Validator }> {
  return state.status === "none"
    ? refuse("VALIDATOR_NOT_FOUND", "no such validator")
    : succeed({ validator: toValidatorMessage(summarize(state)) });
}
