/** Careless faults: small, priced by the policy they fell under, each counted once, and no more in a day than a budget. */
import {
  accept,
  CanonicalWriter,
  encodeHex,
  sha256,
  type BaseUnits,
  type Decision,
  type UnixMs,
} from "@mira/primitives";
import { isBudgetOver, type CarelessKind, type KnownValidator, type StakingEvent } from "./validator.ts";

export type Fault = {
  readonly validatorId: string;
  readonly kind: CarelessKind;
  readonly verificationId: string;
  readonly round: number;
  readonly policy: string;
  /** Hundredths of a percent of the stake. */
  readonly slashBps: bigint;
};

export type RecordFaultCommand = {
  readonly type: "recordFault";
  readonly fault: Fault;
  /** Hundredths of a percent of the stake that careless faults may cost in a day: an outage ruins nobody. */
  readonly budgetBps: bigint;
  readonly at: UnixMs;
};

const BPS = 10_000n;

export function decideRecordFault(
  { fault, budgetBps, at }: RecordFaultCommand,
  state: KnownValidator,
): Decision<StakingEvent> {
  const { validatorId, kind, verificationId, round, policy, slashBps } = fault;
  const faultId = deriveFaultId(fault);
  if (state.faultIds.has(faultId)) return accept();
  const stake = state.bonded + state.unbonding;
  const taken = isBudgetOver(state, at) ? 0n : state.careless.taken;
  // Both against what was there before the day's first fault, so that the order of faults does not change their sum.
  const price = roundUp((stake + taken) * slashBps);
  const left = roundUp((stake + taken) * budgetBps) - taken;
  const slash = min(price, left > 0n ? left : 0n, stake) as BaseUnits;
  return accept({
    type: "FaultRecorded",
    validatorId,
    faultId,
    kind,
    verificationId,
    round,
    policy,
    slash,
    at,
  });
}

/** Hex. The same fault has the same id, however often it is told. */
export function deriveFaultId({ validatorId, kind, verificationId, round }: Fault): string {
  return encodeHex(
    sha256(
      new CanonicalWriter()
        .text("mira:fault-id:v1")
        .text(kind)
        .text(validatorId)
        .text(verificationId)
        .u32(round)
        .finish(),
    ),
  );
}

/** Against the actor: a price of something is never a price of nothing. */
function roundUp(timesBps: bigint): bigint {
  return (timesBps + BPS - 1n) / BPS;
}

function min(first: bigint, ...others: readonly bigint[]): bigint {
  return others.reduce((least, other) => (other < least ? other : least), first);
}
