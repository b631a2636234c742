/**
 * What is used of a grant: reserved when a use is admitted, committed when it has settled, released when it will not. Counted by
 * what is measured, not by caveat, so that a narrowed grant goes on where the wider one stood.
 */
import type { UnixMs } from "@mira/primitives";
import type { Amount, Asset } from "./caveat.ts";
import { listCaveats } from "./caveat.ts";
import type { Grant } from "./grant.ts";
import type { Spends } from "./request.ts";

/** What one admitted use may take, and when it was admitted. */
export type Reservation = {
  readonly spends: Spends;
  /** Zero where a sponsor pays. */
  readonly feeLamports: bigint;
  readonly at: UnixMs;
};

/** How a use ended: what it really took. */
export type Outcome = { readonly spends: Spends; readonly feeLamports: bigint; readonly succeeded: boolean };

type Totals = { readonly spends: Spends; readonly feeLamports: bigint; readonly calls: number };
type Window = { readonly index: number; readonly spends: bigint; readonly feeLamports: bigint };

export type Usage = {
  readonly committed: Totals;
  readonly reserved: Totals;
  /** By asset and length: the newest window of that length, what is reserved in it included. */
  readonly windows: ReadonlyMap<string, Window>;
  /** When uses were admitted, oldest first, no further back than the longest rate looks. */
  readonly recent: readonly UnixMs[];
};

const NOTHING: Totals = { spends: new Map(), feeLamports: 0n, calls: 0 };
export const UNUSED: Usage = { committed: NOTHING, reserved: NOTHING, windows: new Map(), recent: [] };

export function reserve(usage: Usage, grant: Grant, use: Reservation): Usage {
  return {
    ...usage,
    reserved: change(usage.reserved, use, 1),
    windows: changeWindows(usage.windows, grant, use, { ...use, begins: true }),
    recent: [...usage.recent.filter((at) => at > use.at - longestRateMs(grant)), use.at],
  };
}

/** `use` is undefined when nothing was reserved, or no more: what was really taken counts all the same. */
export function commit(usage: Usage, grant: Grant, use: Reservation | undefined, outcome: Outcome): Usage {
  const { spends, feeLamports, succeeded } = outcome;
  const calls = succeeded ? 1 : 0;
  const committed = add(usage.committed, { spends, feeLamports, calls });
  if (use === undefined) return { ...usage, committed };
  const difference = {
    spends: subtractSpends(spends, use.spends),
    feeLamports: feeLamports - use.feeLamports,
    begins: false,
  };
  return {
    ...usage,
    committed,
    reserved: change(usage.reserved, use, -1),
    windows: changeWindows(usage.windows, grant, use, difference),
  };
}

/** As if it had never been asked for. */
export function release(usage: Usage, grant: Grant, use: Reservation): Usage {
  const at = usage.recent.lastIndexOf(use.at);
  const spends = subtractSpends(new Map(), use.spends);
  const difference = { spends, feeLamports: -use.feeLamports, begins: false };
  return {
    ...usage,
    reserved: change(usage.reserved, use, -1),
    windows: changeWindows(usage.windows, grant, use, difference),
    recent: at === -1 ? usage.recent : usage.recent.toSpliced(at, 1),
  };
}

/** Spent and reserved of what an amount measures, in the stretch of time that `at` belongs to. */
export function usedOf(usage: Usage, grant: Grant, amount: Amount, at: UnixMs): bigint {
  const { asset, per, feesIncluded } = amount;
  if (per === "transaction") return 0n;
  if (per === "lifetime") {
    const spends = (usage.committed.spends.get(asset) ?? 0n) + (usage.reserved.spends.get(asset) ?? 0n);
    return feesIncluded ? spends + feesOf(usage) : spends;
  }
  const window = usage.windows.get(windowKey(asset, per.everyMs));
  if (window === undefined || window.index < windowIndex(grant, per.everyMs, at)) return 0n;
  return feesIncluded ? window.spends + window.feeLamports : window.spends;
}

export function feesOf({ committed, reserved }: Usage): bigint {
  return committed.feeLamports + reserved.feeLamports;
}

export function callsOf({ committed, reserved }: Usage): number {
  return committed.calls + reserved.calls;
}

/** Windows are anchored at the session's start, so they never drift; the instant of an edge belongs to the later one. */
export function windowIndex({ startsAt }: Grant, everyMs: number, at: number): number {
  return Math.floor((at - startsAt) / everyMs);
}

function windowKey(asset: Asset, everyMs: number): string {
  return `${asset}/${everyMs}`;
}

function longestRateMs({ caveats }: Grant): number {
  return listCaveats(caveats, "rate").reduce((most, { everyMs }) => Math.max(most, everyMs), 0);
}

type Change = Pick<Reservation, "spends" | "feeLamports">;

/** Of a window that is over nothing is kept: what ends a use of it later changes nothing in the next one. */
function changeWindows(
  windows: Usage["windows"],
  grant: Grant,
  { at }: Reservation,
  { spends, feeLamports, begins }: Change & { readonly begins: boolean },
): Usage["windows"] {
  const changed = new Map(windows);
  for (const { asset, per } of listCaveats(grant.caveats, "amount")) {
    if (typeof per === "string") continue;
    const key = windowKey(asset, per.everyMs);
    const index = windowIndex(grant, per.everyMs, at);
    const window = windows.get(key);
    if (!begins && window?.index !== index) continue;
    // A clock that went back does not open an earlier window again.
    const from =
      window !== undefined && window.index >= index ? window : { index, spends: 0n, feeLamports: 0n };
    changed.set(key, {
      index: from.index,
      spends: from.spends + (spends.get(asset) ?? 0n),
      feeLamports: from.feeLamports + feeLamports,
    });
  }
  return changed;
}

function change(totals: Totals, { spends, feeLamports }: Change, sign: 1 | -1): Totals {
  const signed = new Map([...spends].map(([asset, amount]) => [asset, BigInt(sign) * amount]));
  return add(totals, { spends: signed, feeLamports: BigInt(sign) * feeLamports, calls: sign });
}

function add(totals: Totals, more: Totals): Totals {
  const spends = new Map(totals.spends);
  for (const [asset, amount] of more.spends) spends.set(asset, (spends.get(asset) ?? 0n) + amount);
  return {
    spends,
    feeLamports: totals.feeLamports + more.feeLamports,
    calls: totals.calls + more.calls,
  };
}

function subtractSpends(from: Spends, what: Spends): Spends {
  const left = new Map(from);
  for (const [asset, amount] of what) left.set(asset, (left.get(asset) ?? 0n) - amount);
  return left;
}
