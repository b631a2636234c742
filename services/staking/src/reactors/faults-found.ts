/** mira.verifier.faults.found.v1 -> each member's fault is recorded, and paid for, once. */
import { events } from "@mira/api";
import { parseUnixMs, type RefusalCode } from "@mira/primitives";
import { decide } from "../domain/decide.ts";
import type { CarelessKind } from "../domain/validator.ts";
import type { ValidatorStreams } from "../ports.ts";

export type FaultsFoundDependencies = {
  readonly streams: ValidatorStreams;
  readonly budgetBps: bigint;
  readonly onRefused: (validatorId: string, code: RefusalCode) => void;
};

const KINDS: readonly string[] = ["commit-missing", "reveal-missing"] satisfies CarelessKind[];

/** Safe to run again for the same message: a fault has an id of its own. Time is the event's: told late, it costs the same. */
export async function reactToFaultsFound(
  payload: Uint8Array,
  { streams, budgetBps, onRefused }: FaultsFoundDependencies,
): Promise<void> {
  const { verificationId, round, policy, faults, atMs } = events.FaultsFound.decode(payload);
  for (const { validatorId, kind, slashBps } of faults) {
    if (!KINDS.includes(kind)) {
      onRefused(validatorId, "REQUEST_INVALID");
      continue;
    }
    const fault = {
      validatorId,
      kind: kind as CarelessKind,
      verificationId,
      round,
      policy,
      slashBps: BigInt(slashBps),
    };
    const handled = await streams.handle(validatorId, (state) =>
      decide({ type: "recordFault", fault, budgetBps, at: parseUnixMs(atMs) }, state),
    );
    if (!handled.ok) onRefused(validatorId, handled.code);
  }
}
