/** Outflow per window: settlement waits, or refuses, rather than let more than the configured lamports move per window. */
import type { DurationMs, UnixMs } from "@mira/primitives";

export type VelocityLimit = { readonly windowMs: DurationMs; readonly maxLamports: bigint };
export type Outflow = { readonly at: UnixMs; readonly lamports: bigint };
export type VelocityState = { readonly recent: readonly Outflow[]; readonly total: bigint };

export const NO_OUTFLOW: VelocityState = { recent: [], total: 0n };

/** Milliseconds until `lamports` more may move; 0: now. What exceeds a whole window never may, and is refused before. */
export function computeVelocityWait(
  state: VelocityState,
  request: { readonly now: UnixMs; readonly lamports: bigint; readonly limit: VelocityLimit },
): DurationMs {
  let left = request.limit.maxLamports - request.lamports - state.total;
  for (const { at, lamports } of state.recent) {
    if (left >= 0n) break;
    left += lamports;
    const freeAt = at + request.limit.windowMs;
    if (left >= 0n && freeAt > request.now) return (freeAt - request.now) as DurationMs;
  }
  return 0 as DurationMs;
}

export function recordOutflow(state: VelocityState, outflow: Outflow, limit: VelocityLimit): VelocityState {
  const recent = state.recent.filter(({ at }) => at + limit.windowMs > outflow.at);
  const last = recent.at(-1);
  const merged =
    last?.at === outflow.at
      ? [...recent.slice(0, -1), { at: last.at, lamports: last.lamports + outflow.lamports }]
      : [...recent, outflow];
  return { recent: merged, total: merged.reduce((sum, { lamports }) => sum + lamports, 0n) };
}
