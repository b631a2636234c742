/** Carries out on the base ledger what events oblige us to: posts bonds, moves slashed stake, releases unbonded stake. */
import { delay, encodeBase58, unreachable, type BaseUnits, type Result } from "@mira/primitives";
import { decide } from "../domain/decide.ts";
import type { BaseLedger, Clock, Duty, DutyList, ValidatorStreams } from "../ports.ts";

export type DutyDependencies = {
  readonly duties: DutyList;
  readonly ledger: BaseLedger;
  readonly streams: ValidatorStreams;
  readonly clock: Clock;
  readonly onRefused: (dutyId: string, reason: string) => void;
};

const PAUSE_MS = 1_000;
const STEP_MAX = 64;

/** Runs until the signal aborts; what fails, such as settlement being away, is due again at the next step. */
export async function runDuties(
  dependencies: DutyDependencies,
  { signal, onFailure }: { readonly signal: AbortSignal; readonly onFailure: (error: unknown) => void },
): Promise<void> {
  do await carryOutDue(dependencies).catch(onFailure);
  while (await delay(PAUSE_MS, signal));
}

/** One bounded step. Each duty may run again after a crash: its transfer has an id of its own and moves value once. */
export async function carryOutDue(dependencies: DutyDependencies): Promise<void> {
  const { duties, clock, onRefused } = dependencies;
  for (const { dutyId, duty } of await duties.listDue(clock.now(), STEP_MAX)) {
    const done = await carryOut(dutyId, duty, dependencies);
    if (done.ok) await duties.remove(dutyId);
    else onRefused(dutyId, `${done.code}: ${done.message}`);
  }
}

async function carryOut(
  dutyId: string,
  duty: Duty,
  dependencies: DutyDependencies,
): Promise<Result<unknown>> {
  const { ledger, streams, clock } = dependencies;
  switch (duty.kind) {
    case "post-bond":
      return ledger.postTransfer(duty.transferId);
    case "slash": {
      const { validatorId, evidenceId } = duty;
      const reason = `slash of ${validatorId} for ${evidenceId}`;
      const moved = await move({ ...duty, requestId: dutyId, credit: "slashed", reason }, ledger);
      return moved.ok
        ? streams.handle(validatorId, (state) =>
            decide({ type: "recordSlash", evidenceId, transferId: moved.value, at: clock.now() }, state),
          )
        : moved;
    }
    case "end-unbonding":
      // Decided before value moves: from this event on no evidence reaches the stake, and the amount to release is fixed.
      return streams.handle(duty.validatorId, (state) =>
        decide({ type: "completeUnbonding", transferId: duty.transferId, at: clock.now() }, state),
      );
    case "release":
      return move(
        {
          ...duty,
          requestId: duty.transferId,
          credit: `owner/${encodeBase58(duty.operator)}`,
          reason: `unbonded from ${duty.validatorId}`,
        },
        ledger,
      );
    default:
      return unreachable(duty);
  }
}

type Movement = {
  readonly requestId: string;
  readonly validatorId: string;
  readonly amount: BaseUnits;
  readonly credit: string;
  readonly reason: string;
};

function move(
  { requestId, validatorId, amount, credit, reason }: Movement,
  ledger: BaseLedger,
): Promise<Result<string>> {
  return ledger.createTransfer({
    requestId,
    debit: `bond/${validatorId}`,
    credit,
    amount,
    reason,
    pendingMs: 0,
  });
}
