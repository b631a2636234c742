/** Retries of calls that nobody could answer: few, jittered, within the deadline, and fewer still when all calls fail. */
import { status as Status } from "@grpc/grpc-js";
import { delay, type RefusalCode, type Result } from "@mira/primitives";
import { CallError } from "./call-error.ts";

const ATTEMPTS_MAX = 4;
const BACKOFF_BASE_MS = 50;
const BACKOFF_MAX_MS = 1000;
const BUDGET_TOKENS_MAX = 10;
const TOKENS_PER_SUCCESS = 0.1;

/** Refusals that another replica, or the same a moment later, would not give. */
const RETRIED_REFUSALS: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  "NOT_LEADER",
  "DRAINING",
  "DEPENDENCY_UNAVAILABLE",
]);

/** gRPC's retry throttling (gRFC A6): while most calls fail, retries stop, so they do not finish off what is overloaded. */
export class RetryBudget {
  #tokens = BUDGET_TOKENS_MAX;

  noteSuccess(): void {
    this.#tokens = Math.min(BUDGET_TOKENS_MAX, this.#tokens + TOKENS_PER_SUCCESS);
  }

  /** Says whether a retry is still allowed. */
  noteFailure(): boolean {
    this.#tokens = Math.max(0, this.#tokens - 1);
    return this.#tokens > BUDGET_TOKENS_MAX / 2;
  }
}

export type RetryOptions = {
  readonly budget: RetryBudget;
  readonly deadlineAt: number;
  readonly signal: AbortSignal | undefined;
};

export async function retryUnavailable<T>(
  attempt: () => Promise<Result<T>>,
  { budget, deadlineAt, signal }: RetryOptions,
): Promise<Result<T>> {
  for (let attempts = 1; ; attempts++) {
    const outcome = await settle(attempt);
    if (!isRetryable(outcome)) {
      budget.noteSuccess();
      return unwrapOutcome(outcome);
    }
    const backoffMs = computeBackoff(attempts, BACKOFF_BASE_MS, BACKOFF_MAX_MS);
    const isLast = !budget.noteFailure() || attempts >= ATTEMPTS_MAX || Date.now() + backoffMs >= deadlineAt;
    if (isLast || !(await delay(backoffMs, signal ?? NEVER))) return unwrapOutcome(outcome);
  }
}

/** Exponential with full jitter, in milliseconds. */
export function computeBackoff(attempts: number, baseMs: number, maxMs: number): number {
  return Math.random() * Math.min(maxMs, baseMs * 2 ** (attempts - 1));
}

export function isRetryableRefusal(code: RefusalCode): boolean {
  return RETRIED_REFUSALS.has(code);
}

const NEVER = new AbortController().signal;

type Outcome<T> = { readonly result: Result<T> } | { readonly error: unknown };

async function settle<T>(attempt: () => Promise<Result<T>>): Promise<Outcome<T>> {
  try {
    return { result: await attempt() };
  } catch (error) {
    return { error };
  }
}

function isRetryable<T>(outcome: Outcome<T>): boolean {
  if ("error" in outcome)
    return outcome.error instanceof CallError && outcome.error.code === Status.UNAVAILABLE;
  return !outcome.result.ok && isRetryableRefusal(outcome.result.code);
}

function unwrapOutcome<T>(outcome: Outcome<T>): Result<T> {
  if ("error" in outcome) throw outcome.error;
  return outcome.result;
}
