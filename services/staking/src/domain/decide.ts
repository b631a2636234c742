/** What may happen to a validator's stake: a straight column of refusals, then the event. Pure: time comes in the command. */
import {
  accept,
  bytesEqual,
  encodeBase58,
  refuse,
  unreachable,
  type BaseUnits,
  type Decision,
  type UnixMs,
} from "@mira/primitives";
import type { Equivocation } from "./evidence.ts";
import { decideRecordFault, type RecordFaultCommand } from "./fault.ts";
import { decideJudgeProbe, type JudgeProbeCommand } from "./probe-verdict.ts";
import type { KnownValidator, StakingEvent, ValidatorState } from "./validator.ts";

export type StakingCommand =
  | {
      readonly type: "bond";
      readonly validatorId: string;
      readonly validatorKey: Uint8Array;
      readonly operator: Uint8Array;
      readonly signer: Uint8Array;
      readonly family: string;
      readonly amount: BaseUnits;
      readonly transferId: string;
      readonly minimum: BaseUnits;
      readonly at: UnixMs;
    }
  | {
      readonly type: "unbond";
      readonly signer: Uint8Array;
      readonly amount: BaseUnits;
      readonly unbondingMs: number;
      readonly at: UnixMs;
    }
  | { readonly type: "completeUnbonding"; readonly transferId: string; readonly at: UnixMs }
  | {
      readonly type: "acceptEvidence";
      readonly equivocation: Equivocation;
      readonly reporter: Uint8Array;
      readonly slashBps: bigint;
      readonly at: UnixMs;
    }
  | RecordFaultCommand
  | JudgeProbeCommand
  | {
      readonly type: "recordSlash";
      readonly evidenceId: string;
      readonly transferId: string;
      readonly at: UnixMs;
    };

const BPS = 10_000n;

export function decide(command: StakingCommand, state: ValidatorState): Decision<StakingEvent> {
  if (command.type === "bond") return decideBond(command, state);
  if (state.status === "none") return refuse("VALIDATOR_NOT_FOUND", "no such validator");
  switch (command.type) {
    case "unbond":
      return decideUnbond(command, state);
    case "completeUnbonding":
      return decideCompleteUnbonding(command, state);
    case "acceptEvidence":
      return decideEvidence(command, state);
    case "recordFault":
      return decideRecordFault(command, state);
    case "judgeProbe":
      return decideJudgeProbe(command, state);
    case "recordSlash":
      return decideRecordSlash(command, state);
    default:
      return unreachable(command);
  }
}

function decideBond(
  command: Extract<StakingCommand, { type: "bond" }>,
  state: ValidatorState,
): Decision<StakingEvent> {
  const { validatorId, validatorKey: publicKey, operator, family, amount, transferId, at } = command;
  if (!bytesEqual(command.signer, operator))
    return refuse("INTENT_SIGNATURE_INVALID", "a bond is signed by the account it debits", {
      needed: encodeBase58(operator),
      got: encodeBase58(command.signer),
    });
  if (state.status === "known") {
    if (state.transferIds.has(transferId)) return accept();
    if (state.tombstoned)
      return refuse("VALIDATOR_TOMBSTONED", "the validator is barred for ever", { validatorId });
    if (!bytesEqual(state.operator, operator))
      return refuse("TRANSFER_FORBIDDEN", "only the validator's operator may add to its bond", {
        needed: encodeBase58(state.operator),
        got: encodeBase58(operator),
      });
    if (state.family !== family)
      return refuse("REQUEST_INVALID", "a validator's family never changes", {
        needed: state.family,
        got: family,
      });
  }
  const bonded = (state.status === "known" ? state.bonded : 0n) + amount;
  if (bonded < command.minimum)
    return refuse("BOND_TOO_SMALL", "the bond is below the network's minimum", {
      needed: command.minimum,
      got: bonded,
    });
  return accept({ type: "StakeBonded", validatorId, publicKey, operator, family, amount, transferId, at });
}

function decideUnbond(
  command: Extract<StakingCommand, { type: "unbond" }>,
  state: KnownValidator,
): Decision<StakingEvent> {
  if (!bytesEqual(command.signer, state.operator))
    return refuse("INTENT_SIGNATURE_INVALID", "stake is released by its operator", {
      needed: encodeBase58(state.operator),
      got: encodeBase58(command.signer),
    });
  if (state.tombstoned)
    return refuse("VALIDATOR_TOMBSTONED", "the validator is barred for ever", {
      validatorId: state.validatorId,
    });
  if (state.unbonding > 0n)
    return refuse("CONCURRENT_CHANGE", "an earlier release is under way", {
      endsAt: state.unbondingEndsAt ?? 0,
    });
  if (command.amount > state.bonded)
    return refuse("BALANCE_INSUFFICIENT", "less is bonded than is to be released", {
      needed: command.amount,
      left: state.bonded,
    });
  const endsAt = (command.at + command.unbondingMs) as UnixMs;
  return accept({
    type: "UnbondingStarted",
    validatorId: state.validatorId,
    amount: command.amount,
    endsAt,
    at: command.at,
  });
}

function decideCompleteUnbonding(
  command: Extract<StakingCommand, { type: "completeUnbonding" }>,
  state: KnownValidator,
): Decision<StakingEvent> {
  if (state.unbondingEndsAt === undefined || state.unbonding === 0n) return accept();
  if (command.at < state.unbondingEndsAt)
    return refuse("VALIDATOR_NOT_BONDED", "the stake is slashable until its unbonding period ends", {
      needed: state.unbondingEndsAt,
      now: command.at,
    });
  return accept({
    type: "StakeUnbonded",
    validatorId: state.validatorId,
    amount: state.unbonding,
    transferId: command.transferId,
    at: command.at,
  });
}

function decideEvidence(
  command: Extract<StakingCommand, { type: "acceptEvidence" }>,
  state: KnownValidator,
): Decision<StakingEvent> {
  const { evidenceId, first, second } = command.equivocation;
  if (state.evidenceIds.has(evidenceId))
    return refuse("EVIDENCE_DUPLICATE", "this fault was punished before", { evidenceId });
  if (state.tombstoned)
    return refuse(
      "VALIDATOR_TOMBSTONED",
      "the validator was punished for an equivocation before and is barred",
      { validatorId: state.validatorId },
    );
  const slashable = state.bonded + state.unbonding;
  // Rounded up, against the actor: a slash of something is never a slash of nothing.
  const slash = ((slashable * command.slashBps + BPS - 1n) / BPS) as BaseUnits;
  const { reporter, at } = command;
  return accept({
    type: "EvidenceAccepted",
    validatorId: state.validatorId,
    evidenceId,
    fault: "equivocation",
    first,
    second,
    reporter,
    slash,
    at,
  });
}

function decideRecordSlash(
  command: Extract<StakingCommand, { type: "recordSlash" }>,
  state: KnownValidator,
): Decision<StakingEvent> {
  const amount = state.openSlashes.get(command.evidenceId);
  if (amount === undefined) return accept();
  const { evidenceId, transferId, at } = command;
  return accept({ type: "StakeSlashed", validatorId: state.validatorId, evidenceId, amount, transferId, at });
}
