/** Runs a stepwise execution at once, or with pauses in which the process answers to others. */
import { setImmediate } from "node:timers/promises";
import type { SequenceNumber } from "@mira/primitives";

export type ExecuteOptions = {
  /** Sequence numbers that must not reach the VM, with the reason: their receipts are no-ops. */
  readonly noOps?: ReadonlyMap<number, string>;
  /** Told of every transaction before it runs: what was told last is what a dead process died of. */
  readonly onTransaction?: (sequence: SequenceNumber) => void;
};

/** Long against the turn of an event loop, short against a heartbeat. One transaction is at most some 20 ms. */
const PAUSE_AFTER_MS = 25;

export function* announced<Output>(
  steps: Generator<SequenceNumber, Output, undefined>,
  onTransaction: ExecuteOptions["onTransaction"],
): Generator<undefined, Output, undefined> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    onTransaction?.(step.value);
    yield;
  }
}

export function finish<Output>(steps: Generator<undefined, Output, undefined>): Output {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

export async function finishWithPauses<Output>(
  steps: Generator<undefined, Output, undefined>,
): Promise<Output> {
  let resumedAt = performance.now();
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    if (performance.now() - resumedAt < PAUSE_AFTER_MS) continue;
    await setImmediate();
    resumedAt = performance.now();
  }
}
