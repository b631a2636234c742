/** How much a session can still move, at most, of each asset, and by when. An upper bound that no order of uses exceeds. */
import type { UnixMs } from "@mira/primitives";
import { findCaveat, listCaveats, type Amount, type Asset } from "./caveat.ts";
import type { Link } from "./link.ts";
import { listAmounts } from "./judge-caveat.ts";
import { callsOf, feesOf, usedOf, windowIndex } from "./usage.ts";

export type Exposure = {
  readonly asset: Asset;
  /** May still be asked for. */
  readonly open: bigint;
  /** Was admitted and has not settled: it may still leave. */
  readonly inFlight: bigint;
  /** From this instant on nothing more is admitted. */
  readonly until: UnixMs;
};

/** One row an asset; fees count as lamports. `chain` from the owner's grant down to the session. */
export function computeExposure(chain: readonly Link[], now: UnixMs): readonly Exposure[] {
  const leaf = chain.at(-1);
  if (leaf === undefined) return [];
  const until = chain.reduce((least, { grant }) => Math.min(least, grant.expiresAt), Infinity) as UnixMs;
  const isOver = now >= until || chain.some(({ endedAt }) => endedAt !== undefined);
  const assets = new Set<Asset>([
    "lamports",
    ...listCaveats(leaf.grant.caveats, "amount").map(({ asset }) => asset),
  ]);
  return [...assets].map((asset) => ({
    asset,
    open: isOver ? 0n : least(chain.map((link) => boundOf(link, asset, now, until))),
    inFlight: inFlightOf(leaf, asset),
    until,
  }));
}

function inFlightOf({ usage: { reserved } }: Link, asset: Asset): bigint {
  const spends = reserved.spends.get(asset) ?? 0n;
  return asset === "lamports" ? spends + reserved.feeLamports : spends;
}

/** What one grant of the chain leaves open. */
function boundOf(link: Link, asset: Asset, now: UnixMs, until: UnixMs): bigint {
  const moves = boundMoves(link, asset, now, until);
  if (asset !== "lamports") return moves;
  const { grant, usage } = link;
  const fees = findCaveat(grant.caveats, "fees");
  const feesLeft = fees === undefined ? undefined : atLeastZero(fees.most - feesOf(usage));
  const together = listAmounts(grant, asset)
    .filter(({ feesIncluded, per }) => feesIncluded && per !== "transaction")
    .map((amount) => boundAmount(amount, link, now, until));
  const apart = feesLeft === undefined ? [] : [moves + feesLeft];
  return least([...together, ...apart]);
}

function boundMoves(link: Link, asset: Asset, now: UnixMs, until: UnixMs): bigint {
  const amounts = listAmounts(link.grant, asset);
  if (amounts.length === 0) return 0n;
  const calls = boundCalls(link, now, until);
  const losses = listCaveats(link.grant.caveats, "loss").filter((loss) => loss.asset === asset);
  const perCall = [
    ...amounts.filter(({ per }) => per === "transaction").map(({ most }) => most),
    ...losses.map(({ most }) => most),
  ];
  const overTime = amounts
    .filter(({ per }) => per !== "transaction")
    .map((amount) => boundAmount(amount, link, now, until));
  return least([...overTime, ...(calls === undefined ? [] : perCall.map((most) => most * calls))]);
}

/** A lifetime: what is left. A period: what is left of this window, and whole ones for those that still begin. */
function boundAmount(amount: Amount, { grant, usage }: Link, now: UnixMs, until: UnixMs): bigint {
  const { per, most } = amount;
  const from = Math.max(now, grant.startsAt) as UnixMs;
  const left = atLeastZero(most - usedOf(usage, grant, amount, from));
  if (typeof per === "string") return left;
  const further = windowIndex(grant, per.everyMs, until - 1) - windowIndex(grant, per.everyMs, from);
  return left + most * BigInt(Math.max(0, further));
}

/** How many uses may still be admitted; undefined: nothing counts them. */
function boundCalls({ grant, usage }: Link, now: UnixMs, until: UnixMs): bigint | undefined {
  const calls = findCaveat(grant.caveats, "calls");
  const rates = listCaveats(grant.caveats, "rate");
  if (calls === undefined && rates.length === 0) return undefined;
  const spanMs = until - Math.max(now, grant.startsAt);
  const byRate = rates.map(({ most, everyMs }) => BigInt(most) * BigInt(Math.ceil(spanMs / everyMs)));
  const byCount = calls === undefined ? [] : [atLeastZero(BigInt(calls.most - callsOf(usage)))];
  return least([...byCount, ...byRate]);
}

function atLeastZero(amount: bigint): bigint {
  return amount < 0n ? 0n : amount;
}

/** Of no bound at all: nothing, since what is not granted is denied. */
function least(bounds: readonly bigint[]): bigint {
  const [first = 0n, ...rest] = bounds;
  return rest.reduce((lowest, bound) => (bound < lowest ? bound : lowest), first);
}
