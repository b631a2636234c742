/** Whether one grant lies within another: what is passed on or amended is never wider, in any caveat, nor lives longer. */
import { refuse, unreachable, type Refusal } from "@mira/primitives";
import { describeCaveat, describeInstruction } from "./caveat-text.ts";
import { listCaveats, type Amount, type Caveat } from "./caveat.ts";
import type { Grant } from "./grant.ts";

/** Undefined when `inner` grants nothing that `outer` does not. */
export function checkNarrower(outer: Grant, inner: Grant): Refusal<"SESSION_SCOPE_WIDENED"> | undefined {
  if (inner.startsAt < outer.startsAt)
    return widened("starts", `${outer.startsAt} or later`, String(inner.startsAt));
  if (inner.expiresAt > outer.expiresAt)
    return widened("expires", `${outer.expiresAt} or earlier`, String(inner.expiresAt));
  for (const caveat of outer.caveats) {
    const candidates = listCaveats(inner.caveats, caveat.kind);
    if (candidates.some((candidate) => isWithin(caveat, candidate))) continue;
    const [rule, needed] = describeCaveat(caveat);
    return widened(rule, needed, candidates.map((one) => describeCaveat(one)[1]).join("; ") || "none");
  }
  const foreign = listCaveats(inner.caveats, "amount").find((amount) => !isCovered(amount, outer.caveats));
  if (foreign !== undefined) return widened("amount", "an asset that is granted", describeCaveat(foreign)[1]);
  return undefined;
}

/** Both of one kind. */
function isWithin(outer: Caveat, inner: Caveat): boolean {
  switch (outer.kind) {
    case "programs":
      return inner.kind === "programs" && isSubset(inner.programs, outer.programs);
    case "instructions":
      return (
        inner.kind === "instructions" &&
        isSubset(inner.instructions.map(describeInstruction), outer.instructions.map(describeInstruction))
      );
    case "argument":
    case "sponsor":
      return describeCaveat(inner)[1] === describeCaveat(outer)[1];
    case "accounts":
      return inner.kind === "accounts" && isSubset(inner.accounts, outer.accounts);
    case "recipients":
      return inner.kind === "recipients" && isSubset(inner.recipients, outer.recipients);
    case "redeemers":
      return inner.kind === "redeemers" && isSubset(inner.keys, outer.keys);
    case "amount":
      return inner.kind === "amount" && isAmountWithin(outer, inner);
    case "calls":
    case "fees":
      return inner.kind === outer.kind && inner.most <= outer.most;
    case "rate":
      return inner.kind === "rate" && inner.everyMs === outer.everyMs && inner.most <= outer.most;
    case "loss":
      return inner.kind === "loss" && inner.asset === outer.asset && inner.most <= outer.most;
    default:
      return unreachable(outer);
  }
}

/** An amount that counts the fees is narrower than one that does not; another period is another measure. */
function isAmountWithin(outer: Amount, inner: Amount): boolean {
  return (
    inner.asset === outer.asset &&
    JSON.stringify(inner.per) === JSON.stringify(outer.per) &&
    inner.most <= outer.most &&
    (inner.feesIncluded || !outer.feesIncluded)
  );
}

function isCovered({ asset }: Amount, caveats: readonly Caveat[]): boolean {
  return listCaveats(caveats, "amount").some((amount) => amount.asset === asset);
}

function isSubset(inner: readonly string[], outer: readonly string[]): boolean {
  return inner.every((entry) => outer.includes(entry));
}

function widened(rule: string, needed: string, got: string): Refusal<"SESSION_SCOPE_WIDENED"> {
  return refuse("SESSION_SCOPE_WIDENED", `the grant would be wider than the one it comes from: ${rule}`, {
    rule,
    needed,
    got,
  });
}
