/** When a batch is sealed: at once when the ledger is idle, and under load not before it is full or its oldest has waited. */

export type SealingPolicy = {
  readonly transactionsMax: number;
  readonly bytesMax: number;
  /** The longest that the oldest transaction lingers for others to join. */
  readonly lingerMs: number;
};

export type SealingState = {
  readonly transactions: number;
  readonly bytes: number;
  /** Unix milliseconds; of the first transaction waiting. */
  readonly oldestAt: number;
  /** Unix milliseconds; of the last seal, 0 before the first. */
  readonly lastSealedAt: number;
  /** A batch is being made durable; the next one waits for it. */
  readonly isCommitting: boolean;
  /** Transactions on their way through admission, which could still join. */
  readonly arriving: number;
  /** The service stops: seal what is there. */
  readonly isDraining: boolean;
};

export type SealingDecision =
  | { readonly kind: "seal" }
  | { readonly kind: "linger"; readonly untilMs: number }
  | { readonly kind: "rest" };

export function decideSealing(policy: SealingPolicy, state: SealingState, now: number): SealingDecision {
  if (state.transactions === 0 || state.isCommitting) return { kind: "rest" };
  const isFull = state.transactions >= policy.transactionsMax || state.bytes >= policy.bytesMax;
  // Small batches double what a transaction costs everyone after here, so only the first after a pause goes alone.
  const isIdle = state.arriving === 0 && now - state.lastSealedAt >= policy.lingerMs;
  if (isFull || state.isDraining || isIdle) return { kind: "seal" };
  const untilMs = state.oldestAt + policy.lingerMs;
  return now >= untilMs ? { kind: "seal" } : { kind: "linger", untilMs };
}
