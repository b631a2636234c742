/** Between summaries and the messages that callers see. */
import { staking } from "@mira/api";
import { decodeHex } from "@mira/primitives";
import type { SlashSummary, ValidatorStatus, ValidatorSummary } from "../domain/summary.ts";

const STATUSES = {
  bonded: staking.ValidatorStatus.BONDED,
  unbonding: staking.ValidatorStatus.UNBONDING,
  tombstoned: staking.ValidatorStatus.TOMBSTONED,
  unbonded: staking.ValidatorStatus.UNBONDED,
} as const satisfies Record<ValidatorStatus, staking.ValidatorStatus>;

export function toValidatorMessage(validator: ValidatorSummary): staking.Validator {
  const { validatorId, publicKey, operator, family } = validator;
  return {
    validatorId,
    publicKey,
    operator,
    family,
    bondedUnits: String(validator.bonded),
    unbondingUnits: String(validator.unbonding),
    status: STATUSES[validator.status],
    bondedMs: BigInt(validator.bondedAt),
    unbondingEndsMs: BigInt(validator.unbondingEndsAt ?? 0),
  };
}

export function toSlashMessage(slash: SlashSummary): staking.Slash {
  const { evidenceId, validatorId, fault, amount, transferId, at } = slash;
  return {
    slashId: evidenceId,
    validatorId,
    fault,
    slashedUnits: String(amount),
    transferId: transferId ?? "",
    atMs: BigInt(at),
    evidenceId: decodeHex(evidenceId) ?? new Uint8Array(),
  };
}
