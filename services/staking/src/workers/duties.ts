/** Carries out on the base ledger what events oblige us to: posts bonds, moves slashed stake, releases unbonded stake. */
import { delay, encodeBase58, refuse, succeed, unreachable, type Result } from "@mira/primitives";
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
      const moved = await move(dutyId, duty, "slashed", `slash of ${validatorId} for ${evidenceId}`, ledger);
      return moved.ok
        ? streams.handle(validatorId, (state) =>
            decide({ type: "recordSlash", evidenceId, transferId: moved.value, at: clock.now() }, state),
          )
        : moved;
    }
    case "release":
      return release(dutyId, duty, dependencies);
    default:
      return unreachable(duty);
  }
}

/** Releases what is still unbonding: a slash in between has taken its part. */
async function release(
  dutyId: string,
  duty: Extract<Duty, { kind: "release" }>,
  { streams, ledger, clock }: DutyDependencies,
): Promise<Result<unknown>> {
  const { state } = await streams.load(duty.validatorId);
  if (state.status === "none")
    return refuse("VALIDATOR_NOT_FOUND", "no such validator", { validatorId: duty.validatorId });
  if (state.unbonding === 0n) return succeed(undefined);
  const moved = await move(
    dutyId,
    { ...duty, amount: state.unbonding },
    `owner/${encodeBase58(duty.operator)}`,
    `unbonded from ${duty.validatorId}`,
    ledger,
  );
  return moved.ok
    ? streams.handle(duty.validatorId, (now) =>
        decide({ type: "completeUnbonding", transferId: moved.value, at: clock.now() }, now),
      )
    : moved;
}

function move(
  requestId: string,
  { validatorId, amount }: Extract<Duty, { kind: "slash" | "release" }>,
  credit: string,
  reason: string,
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
