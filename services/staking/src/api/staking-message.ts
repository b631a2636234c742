/** Between summaries and the messages that callers see. */
import { staking } from "@mira/api";
import { decodeHex } from "@mira/primitives";
import { computeScoreBps, type Standing } from "../domain/standing.ts";
import type { FaultSummary, SlashSummary, ValidatorStatus, ValidatorSummary } from "../domain/summary.ts";

const STATUSES = {
  bonded: staking.ValidatorStatus.BONDED,
  unbonding: staking.ValidatorStatus.UNBONDING,
  tombstoned: staking.ValidatorStatus.TOMBSTONED,
  unbonded: staking.ValidatorStatus.UNBONDED,
} as const satisfies Record<ValidatorStatus, staking.ValidatorStatus>;

/** Without a standing: the answer to a bond tells of stake alone. */
export function toValidatorMessage(validator: ValidatorSummary, standing?: Standing): staking.Validator {
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
    standing: standing === undefined ? undefined : toStandingMessage(standing),
  };
}

function toStandingMessage(standing: Standing): staking.Standing {
  return {
    carelessFaults: BigInt(standing.carelessFaults),
    carelessUnits: String(standing.carelessUnits),
    agreed: BigInt(standing.agreed),
    disagreed: BigInt(standing.disagreed),
    abstained: BigInt(standing.abstained),
    probesPassed: BigInt(standing.probesPassed),
    probesFailed: BigInt(standing.probesFailed),
    scoreBps: computeScoreBps(standing),
    driftLevel: standing.driftLevel,
  };
}

export function toFaultMessage(fault: FaultSummary): staking.Fault {
  const { faultId, kind, verificationId, round, policy, slash, at } = fault;
  return {
    faultId: decodeHex(faultId) ?? new Uint8Array(),
    kind,
    verificationId,
    round,
    policy,
    slashedUnits: String(slash),
    atMs: BigInt(at),
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
