/**
 * Finality of one settled batch. It needs the challenge window to have passed, an independent executor that agreed, and no
 * hold; time alone never makes it, and nothing unmakes it.
 */
import {
  accept,
  bytesEqual,
  refuse,
  unreachable,
  type Decision,
  type DurationMs,
  type UnixMs,
} from "@mira/primitives";

export type Answer = "agree" | "disagree" | "unable";

export type FinalityState = {
  readonly settledAt: UnixMs;
  readonly resultHash: Uint8Array;
  /** Base58 keys of those who executed any partition of it. */
  readonly executors: readonly string[];
  readonly agreedBy: string | undefined;
  readonly hold: string | undefined;
  readonly finalizedAt: UnixMs | undefined;
};

export type FinalityCommand =
  | {
      readonly type: "record-answer";
      readonly executorId: string;
      readonly answer: Answer;
      readonly resultHash: Uint8Array;
      readonly reason: string;
      readonly isReexecutor: boolean;
    }
  | { readonly type: "finalize"; readonly now: UnixMs; readonly challengeWindowMs: DurationMs };

export type FinalityEvent =
  | { readonly type: "Agreed"; readonly executorId: string }
  | { readonly type: "Held"; readonly executorId: string; readonly reason: string }
  | { readonly type: "Finalized"; readonly at: UnixMs; readonly reexecutorId: string };

export type FinalityRefusal =
  | "VERDICT_NOT_INDEPENDENT"
  | "VERDICT_UNABLE"
  | "BATCH_FINALIZED"
  | "BATCH_HELD"
  | "CHALLENGE_WINDOW_OPEN"
  | "REEXECUTION_MISSING";

export function decide(
  command: FinalityCommand,
  state: FinalityState,
): Decision<FinalityEvent, FinalityRefusal> {
  if (state.finalizedAt !== undefined)
    return refuse("BATCH_FINALIZED", "the batch is finalized; nothing changes it", { at: state.finalizedAt });
  return command.type === "record-answer" ? recordAnswer(command, state) : finalize(command, state);
}

function recordAnswer(
  command: Extract<FinalityCommand, { type: "record-answer" }>,
  state: FinalityState,
): Decision<FinalityEvent, FinalityRefusal> {
  const { executorId, answer, reason } = command;
  if (!command.isReexecutor || state.executors.includes(executorId))
    return refuse("VERDICT_NOT_INDEPENDENT", "the answer does not come from an independent executor", {
      executorId,
    });
  if (answer === "unable")
    return refuse("VERDICT_UNABLE", "the executor could not tell, which is no answer", {
      executorId,
      reason,
    });
  if (answer === "agree" && bytesEqual(command.resultHash, state.resultHash))
    return accept({ type: "Agreed", executorId });
  return accept({
    type: "Held",
    executorId,
    reason: reason === "" ? "re-execution gave another result" : reason,
  });
}

function finalize(
  { now, challengeWindowMs }: Extract<FinalityCommand, { type: "finalize" }>,
  state: FinalityState,
): Decision<FinalityEvent, FinalityRefusal> {
  if (state.hold !== undefined) return refuse("BATCH_HELD", "a hold lies on the batch", { hold: state.hold });
  if (now < state.settledAt + challengeWindowMs)
    return refuse("CHALLENGE_WINDOW_OPEN", "the challenge window has not passed", {
      until: state.settledAt + challengeWindowMs,
      now,
    });
  if (state.agreedBy === undefined)
    return refuse("REEXECUTION_MISSING", "no independent executor has agreed yet");
  return accept({ type: "Finalized", at: now, reexecutorId: state.agreedBy });
}

export function evolve(state: FinalityState, event: FinalityEvent): FinalityState {
  switch (event.type) {
    case "Agreed":
      return { ...state, agreedBy: event.executorId };
    case "Held":
      return { ...state, hold: `${event.executorId}: ${event.reason}` };
    case "Finalized":
      return { ...state, finalizedAt: event.at };
    default:
      return unreachable(event);
  }
}
