/** What follows from a refused result: another try by another executor, or, when tries are used up, receipts that do nothing. */
import type { RefusalCode } from "@mira/primitives";

export type ResultRefusalCode = Extract<
  RefusalCode,
  | "RESULT_UNSIGNED"
  | "RESULT_WRONG_BATCH"
  | "RESULT_UNDECLARED_WRITE"
  | "RESULT_STALE_INPUT"
  | "RESULT_VALUE_NOT_CONSERVED"
  | "RESULT_FEE_WRONG"
  | "RESULT_INCOMPLETE"
  | "SESSION_OVERSPENT"
  | "ACCOUNT_FROZEN"
  | "VELOCITY_EXCEEDED"
>;

/** No honest executor makes these by being late, slow or unlucky. */
const DISHONEST: readonly ResultRefusalCode[] = [
  "RESULT_UNDECLARED_WRITE",
  "RESULT_VALUE_NOT_CONSERVED",
  "RESULT_FEE_WRONG",
  "RESULT_INCOMPLETE",
];

/** Another executor would come to the same result, and it would be refused again: there is nothing to try. */
const HOPELESS: readonly ResultRefusalCode[] = ["ACCOUNT_FROZEN", "VELOCITY_EXCEEDED"];

export type NextStep = {
  readonly setExecutorAside: boolean;
  /** `leave`: nobody asked for this result; whoever was asked still has the work. */
  readonly work: "publish-again" | "give-no-op-receipts" | "leave";
};

export function decideNextStep(refused: {
  readonly code: ResultRefusalCode;
  /** Refusals of the same transactions so far, this one included. */
  readonly attempts: number;
  readonly attemptsMax: number;
}): NextStep {
  const setExecutorAside = DISHONEST.includes(refused.code);
  if (refused.code === "RESULT_UNSIGNED" || refused.code === "RESULT_WRONG_BATCH")
    return { setExecutorAside, work: "leave" };
  if (HOPELESS.includes(refused.code)) return { setExecutorAside, work: "give-no-op-receipts" };
  return {
    setExecutorAside,
    work: refused.attempts < refused.attemptsMax ? "publish-again" : "give-no-op-receipts",
  };
}
