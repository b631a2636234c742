/** One caveat against one use: nothing when it holds, or what it needed and what was there. */
import { decodeHex, encodeHex, unreachable, type RefusalCode } from "@mira/primitives";
import { describeInstruction } from "./caveat-text.ts";
import {
  listCaveats,
  type Amount,
  type Argument,
  type Caveat,
  type InstructionName,
  type Key,
} from "./caveat.ts";
import type { Link } from "./link.ts";
import { COMPUTE_BUDGET_PROGRAM } from "./programs.ts";
import {
  readInteger,
  type ActionInstruction,
  type ActionRequest,
  type Movement,
  type Spends,
} from "./request.ts";
import { callsOf, feesOf, usedOf, windowIndex } from "./usage.ts";

export type Denial = {
  readonly code: RefusalCode;
  readonly rule?: string;
  readonly needed: string;
  readonly had: string;
  readonly alternative?: string;
};

export type Facts = {
  readonly request: ActionRequest;
  readonly movements: readonly Movement[];
  readonly spends: Spends;
  /** What the owner pays of the fee. */
  readonly feeLamports: bigint;
};

export function judgeCaveat(caveat: Caveat, link: Link, facts: Facts): Denial | undefined {
  const { request } = facts;
  switch (caveat.kind) {
    case "redeemers":
      return denyOthers("SESSION_KEY_MISMATCH", caveat.keys, [request.redeemer]);
    case "sponsor":
      return denyOthers("SESSION_ACTION_DENIED", [caveat.key], [request.feePayer]);
    case "programs":
      return denyOthers(
        "SESSION_ACTION_DENIED",
        caveat.programs,
        listCalls(request).map(({ program }) => program),
      );
    case "instructions":
      return judgeInstructions(caveat.instructions, listCalls(request));
    case "argument":
      return judgeArgument(caveat, listCalls(request));
    case "accounts":
      return denyOthers("SESSION_ACTION_DENIED", [link.owner, ...caveat.accounts], request.writable);
    case "recipients":
      return denyOthers(
        "SESSION_RECIPIENT_DENIED",
        caveat.recipients,
        facts.movements.map(({ to }) => to),
      );
    case "calls":
      return denyMore("SESSION_LIMIT_EXCEEDED", 1n, BigInt(caveat.most) - BigInt(callsOf(link.usage)));
    case "rate":
      return judgeRate(caveat, link, request);
    case "fees":
      return denyMore("SESSION_FEE_EXCEEDED", facts.feeLamports, caveat.most - feesOf(link.usage));
    case "amount":
      return judgeAmount(caveat, link, facts);
    case "loss":
      return denyMore("SESSION_EFFECT_DENIED", facts.spends.get(caveat.asset) ?? 0n, caveat.most);
    default:
      return unreachable(caveat);
  }
}

/** Words about the price of compute call nothing; what they cost is bounded by the fees. */
function listCalls({ instructions }: ActionRequest): readonly ActionInstruction[] {
  return instructions.filter(({ program }) => program !== COMPUTE_BUDGET_PROGRAM);
}

function denyOthers(code: RefusalCode, allowed: readonly Key[], asked: readonly Key[]): Denial | undefined {
  const other = asked.find((key) => !allowed.includes(key));
  if (other === undefined) return undefined;
  const needed = allowed.join(", ");
  return { code, needed, had: other, alternative: needed };
}

function denyMore(code: RefusalCode, needed: bigint, left: bigint): Denial | undefined {
  if (needed <= left) return undefined;
  return { code, needed: String(needed), had: String(left), alternative: left > 0n ? `at most ${left}` : "" };
}

function judgeInstructions(
  names: readonly InstructionName[],
  calls: readonly ActionInstruction[],
): Denial | undefined {
  const other = calls.find((call) => !names.some((name) => isNamed(name, call)));
  if (other === undefined) return undefined;
  const allowed = names.map(describeInstruction).join(", ");
  return {
    code: "SESSION_ACTION_DENIED",
    needed: allowed,
    had: describeInstruction({ program: other.program, discriminator: encodeHex(other.data.subarray(0, 8)) }),
    alternative: allowed,
  };
}

/** Whole bytes from the start of the data; data that is shorter than the name is not the named instruction. */
function isNamed({ program, discriminator }: InstructionName, call: ActionInstruction): boolean {
  if (program !== call.program) return false;
  const bytes = decodeHex(discriminator);
  return (
    bytes !== undefined &&
    bytes.length <= call.data.length &&
    bytes.every((byte, at) => byte === call.data[at])
  );
}

function judgeArgument(caveat: Argument, calls: readonly ActionInstruction[]): Denial | undefined {
  for (const call of calls) {
    if (!isNamed(caveat.of, call)) continue;
    const found = readArgument(caveat, call.data);
    if (found !== undefined && holds(caveat, found)) continue;
    const needed = `${caveat.operator} ${caveat.values.join(" | ")}`;
    const had = found === undefined ? "the data ends before it" : String(found);
    return { code: "SESSION_ARGUMENT_DENIED", needed, had, alternative: needed };
  }
  return undefined;
}

function readArgument({ type, offset, values }: Argument, data: Uint8Array): bigint | string | undefined {
  if (type !== "bytes") return readInteger(data, offset, Number(type.slice(1)) / 8);
  const length = String(values[0]).length / 2;
  return offset + length > data.length ? undefined : encodeHex(data.subarray(offset, offset + length));
}

function holds({ operator, values }: Argument, found: bigint | string): boolean {
  const [value] = values;
  if (value === undefined) return false;
  switch (operator) {
    case "EQ":
      return found === value;
    case "NEQ":
      return found !== value;
    case "LT":
      return found < value;
    case "LTE":
      return found <= value;
    case "GT":
      return found > value;
    case "GTE":
      return found >= value;
    case "ONE_OF":
      return values.includes(found);
    default:
      return unreachable(operator);
  }
}

function judgeRate(
  { most, everyMs }: Extract<Caveat, { kind: "rate" }>,
  { usage }: Link,
  { at }: ActionRequest,
): Denial | undefined {
  const within = usage.recent.filter((earlier) => earlier > at - everyMs);
  if (within.length < most) return undefined;
  const free = (within[within.length - most] ?? at) + everyMs;
  return {
    code: "SESSION_RATE_EXCEEDED",
    needed: `fewer than ${most} uses in the last ${everyMs} ms`,
    had: String(within.length),
    alternative: `from ${new Date(free).toISOString()}`,
  };
}

function judgeAmount(caveat: Amount, { grant, usage }: Link, facts: Facts): Denial | undefined {
  const moved = facts.spends.get(caveat.asset) ?? 0n;
  const needed = caveat.feesIncluded ? moved + facts.feeLamports : moved;
  if (needed === 0n) return undefined;
  const { at } = facts.request;
  const left = caveat.most - usedOf(usage, grant, caveat, at);
  const denial = denyMore("SESSION_LIMIT_EXCEEDED", needed, left);
  if (denial === undefined || typeof caveat.per === "string" || needed > caveat.most) return denial;
  const { everyMs } = caveat.per;
  const next = grant.startsAt + (windowIndex(grant, everyMs, at) + 1) * everyMs;
  if (next >= grant.expiresAt) return denial;
  const later = `${needed} from ${new Date(next).toISOString()}`;
  return {
    ...denial,
    alternative: denial.alternative === "" ? later : `${denial.alternative} now, ${later}`,
  };
}

/** For a reader of a grant: the amounts it sets for an asset. */
export function listAmounts(grant: Link["grant"], asset: string): readonly Amount[] {
  return listCaveats(grant.caveats, "amount").filter((amount) => amount.asset === asset);
}
