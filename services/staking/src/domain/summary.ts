/** A validator and a slash in one row each: what readers ask for. */
import type { BaseUnits, UnixMs } from "@mira/primitives";
import type { KnownValidator } from "./validator.ts";

export type ValidatorStatus = "bonded" | "unbonding" | "tombstoned" | "unbonded";

export type ValidatorSummary = {
  readonly validatorId: string;
  readonly publicKey: Uint8Array;
  readonly operator: Uint8Array;
  readonly family: string;
  readonly bonded: BaseUnits;
  readonly unbonding: BaseUnits;
  readonly status: ValidatorStatus;
  readonly bondedAt: UnixMs;
  readonly unbondingEndsAt: UnixMs | undefined;
};

export type FaultSummary = {
  /** Hex. */
  readonly faultId: string;
  readonly kind: string;
  readonly verificationId: string;
  readonly round: number;
  readonly policy: string;
  readonly slash: BaseUnits;
  readonly at: UnixMs;
};

export type SlashSummary = {
  /** Hex. */
  readonly evidenceId: string;
  readonly validatorId: string;
  readonly fault: string;
  readonly amount: BaseUnits;
  /** Undefined until the base ledger has moved the stake. */
  readonly transferId: string | undefined;
  readonly at: UnixMs;
};

export function summarize(validator: KnownValidator): ValidatorSummary {
  const { validatorId, publicKey, operator, family, bonded, unbonding, bondedAt, unbondingEndsAt } =
    validator;
  return {
    validatorId,
    publicKey,
    operator,
    family,
    bonded,
    unbonding,
    status: computeStatus(validator),
    bondedAt,
    unbondingEndsAt,
  };
}

function computeStatus({ tombstoned, bonded, unbonding }: KnownValidator): ValidatorStatus {
  if (tombstoned) return "tombstoned";
  if (bonded > 0n) return "bonded";
  return unbonding > 0n ? "unbonding" : "unbonded";
}
