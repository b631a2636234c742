/** The order in which caveats are judged, whatever order they are written in: so the first that denies is always the same one. */
import { describeCaveat } from "./caveat-text.ts";
import type { Caveat, CaveatKind } from "./caveat.ts";

/** `loss` is last: it is judged over the whole transaction. */
const ORDER: readonly CaveatKind[] = [
  "redeemers",
  "sponsor",
  "programs",
  "instructions",
  "argument",
  "accounts",
  "recipients",
  "calls",
  "rate",
  "fees",
  "amount",
  "loss",
];

/** Grants are judged often and never change, so each list is put in order once. */
const ordered = new WeakMap<readonly Caveat[], readonly Caveat[]>();

export function orderCaveats(caveats: readonly Caveat[]): readonly Caveat[] {
  const known = ordered.get(caveats);
  if (known !== undefined) return known;
  const sorted = caveats
    .map((caveat) => ({ caveat, at: ORDER.indexOf(caveat.kind), text: describeCaveat(caveat)[1] }))
    .sort((left, right) => left.at - right.at || (left.text < right.text ? -1 : 1))
    .map(({ caveat }) => caveat);
  ordered.set(caveats, sorted);
  return sorted;
}
