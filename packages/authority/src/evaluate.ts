/**
 * The one evaluator: whether a chain of grants allows a use, and what it reserves; or the first caveat that does not, what it
 * needed, what was there, and the nearest thing that would be allowed. Pure; the order of caveats does not matter.
 */
import type { RefusalCode, UnixMs } from "@mira/primitives";
import { describeCaveat } from "./caveat-text.ts";
import { orderCaveats } from "./caveat-order.ts";
import type { Caveat, Key } from "./caveat.ts";
import { judgeCaveat, type Denial, type Facts } from "./judge-caveat.ts";
import type { Link } from "./link.ts";
import { COMPUTE_BUDGET_PROGRAM, isControl } from "./programs.ts";
import { readMovements, sumMovements, type ActionRequest, type Movement } from "./request.ts";
import type { Reservation } from "./usage.ts";

export type Denied = {
  readonly allowed: false;
  readonly code: RefusalCode;
  /** Which grant of the chain says no. */
  readonly sessionId: string;
  /** Name of the caveat's field in the signed grant. */
  readonly rule: string;
  /** The caveat as signed; empty for what no caveat says. */
  readonly caveat: string;
  readonly needed: string;
  readonly had: string;
  /** Would be allowed; empty when nothing near it would. */
  readonly alternative: string;
};

export type Verdict = { readonly allowed: true; readonly reservation: Reservation } | Denied;

/** `chain` from the owner's grant down to the session that is used; never empty. */
export function evaluate(chain: readonly Link[], request: ActionRequest): Verdict {
  for (const link of chain) {
    const denial = judgeWindow(link, request.at);
    if (denial !== undefined) return deny(link, undefined, denial);
  }
  const [root] = chain;
  if (root === undefined) return NO_GRANT;
  const read = readEffects(request, root.owner, sponsorOf(chain));
  if ("code" in read) return deny(root, undefined, read);
  // Every limit of every grant before any post-condition of one: what is judged last is judged over the whole transaction.
  for (const isLast of [false, true])
    for (const link of chain)
      for (const caveat of orderCaveats(link.grant.caveats)) {
        if ((caveat.kind === "loss") !== isLast) continue;
        const denial = judgeCaveat(caveat, link, read);
        if (denial !== undefined) return deny(link, caveat, denial);
      }
  const uncovered = findUncovered(chain, read.movements);
  if (uncovered !== undefined) return uncovered;
  return {
    allowed: true,
    reservation: { spends: read.spends, feeLamports: read.feeLamports, at: request.at },
  };
}

/** Start inclusive, end exclusive: at the very instant of its end the authority is gone. */
function judgeWindow({ grant, endedAt }: Link, at: UnixMs): Denial | undefined {
  if (endedAt !== undefined)
    return {
      code: "SESSION_REVOKED",
      rule: "revoked",
      needed: "a session that stands",
      had: `revoked at ${endedAt}`,
    };
  const { startsAt, expiresAt } = grant;
  if (at < startsAt)
    return {
      code: "SESSION_NOT_STARTED",
      rule: "starts",
      needed: `${startsAt} or later`,
      had: String(at),
      alternative: `from ${new Date(startsAt).toISOString()}`,
    };
  if (at >= expiresAt)
    return { code: "SESSION_EXPIRED", rule: "expires", needed: `before ${expiresAt}`, had: String(at) };
  return undefined;
}

/** What no caveat needs to say, since it holds for every session. */
function readEffects(request: ActionRequest, owner: Key, sponsor: Key | undefined): Facts | Denial {
  const { instructions, signers, feePayer, feeLamports } = request;
  if (!instructions.some(({ program }) => program !== COMPUTE_BUDGET_PROGRAM))
    return denyAction("at least one instruction", "none");
  const payer = sponsor ?? owner;
  if (feePayer !== payer) return denyAction(`the fee paid by ${payer}`, feePayer);
  const foreign = signers.find((signer) => signer !== owner && signer !== payer);
  if (foreign !== undefined || !signers.includes(owner) || signers.length !== new Set([owner, payer]).size)
    return denyAction(`signatures for ${[...new Set([payer, owner])].join(", ")} alone`, signers.join(", "));
  const movements: Movement[] = [];
  for (const { program, accounts, data } of instructions) {
    if (isControl(program, data)) return denyAction("no change of authority", `an instruction of ${program}`);
    const moved = readMovements({ program, accounts, data });
    if (moved === undefined)
      return denyAction("an instruction that says what it will do", `an instruction of ${program}`);
    const other = moved.find(({ by }) => by !== owner);
    if (other !== undefined) return denyAction(`transfers by ${owner}`, other.by);
    movements.push(...moved);
  }
  return {
    request,
    movements,
    spends: sumMovements(movements),
    feeLamports: sponsor === undefined || sponsor === owner ? feeLamports : 0n,
  };
}

function denyAction(needed: string, had: string): Denial {
  return { code: "SESSION_ACTION_DENIED", rule: "session", needed, had };
}

/** The sponsor nearest to the owner: who is granted less cannot choose another one. */
function sponsorOf(chain: readonly Link[]): Key | undefined {
  for (const { grant } of chain)
    for (const caveat of grant.caveats) if (caveat.kind === "sponsor") return caveat.key;
  return undefined;
}

/** An asset that a grant sets no amount for may not move at all under it. */
function findUncovered(chain: readonly Link[], movements: readonly Movement[]): Denied | undefined {
  for (const link of chain)
    for (const { asset, amount } of movements)
      if (!link.grant.caveats.some((caveat) => caveat.kind === "amount" && caveat.asset === asset))
        return deny(link, undefined, {
          code: "SESSION_LIMIT_EXCEEDED",
          rule: "amount",
          needed: `${amount} of ${asset}`,
          had: "no amount of it is granted",
        });
  return undefined;
}

const NO_GRANT: Denied = {
  allowed: false,
  code: "SESSION_NOT_FOUND",
  sessionId: "",
  rule: "session",
  caveat: "",
  needed: "a grant",
  had: "none",
  alternative: "",
};

function deny({ sessionId }: Link, caveat: Caveat | undefined, denial: Denial): Denied {
  const [rule, text] = caveat === undefined ? [denial.rule ?? "", ""] : describeCaveat(caveat);
  return {
    allowed: false,
    code: denial.code,
    sessionId,
    rule,
    caveat: text,
    needed: denial.needed,
    had: denial.had,
    alternative: denial.alternative ?? "",
  };
}
