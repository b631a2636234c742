/** A budget of tokens and of money over a window of time. A call that could exceed it is not made. */
import { refuse, succeed } from "@mira/primitives";
import type { ChatUsage, ModelResult } from "./chat-types.ts";

/** Money in billionths of whatever currency the price table is in: no price per token is too small to add up. */
export type Price = { readonly inputNanosPerToken: bigint; readonly outputNanosPerToken: bigint };

export type BudgetLimits = {
  readonly windowMs: number;
  readonly tokensMax: number;
  /** Absent: money is not counted. With it, `price` MUST be known. */
  readonly nanosMax?: bigint;
  readonly price?: Price;
};

export type Spending = {
  readonly windowStartedAt: number;
  readonly tokens: number;
  readonly nanos: bigint;
};

export type Budget = {
  /** Takes the most that the call can cost. What it took is durable before this resolves. */
  readonly reserve: (most: ChatUsage) => Promise<ModelResult<Reservation>>;
  readonly spent: () => Spending;
};

export type Reservation = {
  /** Gives back what was not used. Without usage the whole reservation is spent. */
  readonly settle: (usage: ChatUsage | undefined) => Promise<void>;
};

/** Where spending outlives the process. `write` resolves when it is on disk. */
export type SpendingStore = {
  readonly read: () => Promise<Spending | undefined>;
  readonly write: (spending: Spending) => Promise<void>;
};

export async function openBudget(
  limits: BudgetLimits,
  store: SpendingStore,
  now: () => number,
): Promise<Budget> {
  let spending = (await store.read()) ?? { windowStartedAt: now(), tokens: 0, nanos: 0n };
  let writing = Promise.resolve();
  const save = (next: Spending): Promise<void> => {
    spending = next;
    // Always the newest figures, one write after the other.
    writing = writing.catch(() => undefined).then(() => store.write(spending));
    return writing;
  };
  const turnWindow = (): void => {
    // A clock that was set back must not keep a window for ever.
    const age = now() - spending.windowStartedAt;
    if (age >= limits.windowMs || age < 0) spending = { windowStartedAt: now(), tokens: 0, nanos: 0n };
  };
  return {
    spent: () => spending,
    async reserve(most) {
      turnWindow();
      const cost = computeNanos(most, limits.price);
      const tokens = spending.tokens + most.inputTokens + most.outputTokens;
      const nanos = spending.nanos + cost;
      const resetsAt = spending.windowStartedAt + limits.windowMs;
      if (tokens > limits.tokensMax) return exhausted("tokens", tokens, limits.tokensMax, resetsAt - now());
      if (limits.nanosMax !== undefined && nanos > limits.nanosMax)
        return exhausted("money", nanos, limits.nanosMax, resetsAt - now());
      const { windowStartedAt } = spending;
      await save({ windowStartedAt, tokens, nanos });
      return succeed({
        settle: async (usage = most) => {
          // The window that paid is over: nothing to give back.
          if (spending.windowStartedAt !== windowStartedAt) return;
          await save({
            windowStartedAt,
            tokens: spending.tokens - countTokens(most) + countTokens(usage),
            nanos: spending.nanos - cost + computeNanos(usage, limits.price),
          });
        },
      });
    },
  };
}

export function computeNanos({ inputTokens, outputTokens }: ChatUsage, price?: Price): bigint {
  if (price === undefined) return 0n;
  return BigInt(inputTokens) * price.inputNanosPerToken + BigInt(outputTokens) * price.outputNanosPerToken;
}

function countTokens({ inputTokens, outputTokens }: ChatUsage): number {
  return inputTokens + outputTokens;
}

function exhausted(
  what: string,
  needed: number | bigint,
  limit: number | bigint,
  retryAfterMs: number,
): ModelResult<never> {
  return refuse("MODEL_BUDGET_EXHAUSTED", `the call could exceed the budget of ${what}`, {
    needed,
    limit,
    retryAfterMs: Math.max(0, retryAfterMs),
  });
}
