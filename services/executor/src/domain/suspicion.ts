/** When a partition is suspected of killing executors, and what a receipt says of a transaction that does. */

/** Error of the no-op receipt of a transaction on which the executor's process dies or hangs. */
export const POISON_ERROR = "ExecutorAborted";
/** After so many deliveries to others without an answer a partition is first tried in a process of its own. */
export const SUSPECT_AFTER_UNANSWERED = 2;

/**
 * No-ops that execution by itself would not give: imposed by settlement, which names its refusal, or by an executor that a
 * transaction killed. A re-executor takes them as given and says so.
 */
export function isImposed(error: string): boolean {
  return error === POISON_ERROR || error.startsWith("RESULT_") || error.startsWith("SESSION_");
}
