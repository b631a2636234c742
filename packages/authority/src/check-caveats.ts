/** What makes a list of caveats a scope at all: nothing empty, nothing zero, nothing twice, and every amount bounded. */
import { decodeHex, refuse, type Refusal } from "@mira/primitives";
import { describeCaveat } from "./caveat-text.ts";
import {
  findCaveat,
  listCaveats,
  type Amount,
  type Argument,
  type Caveat,
  type CaveatKind,
  type InstructionName,
  type Key,
} from "./caveat.ts";
import { COMPUTE_BUDGET_PROGRAM, discriminatorBytes, isControl } from "./programs.ts";

/** Of one grant: what a person can still read, and a signed intent holds. */
export const CAVEATS_MAX = 48;
export const LIST_MAX = 32;
/** A rate is counted by remembering each use within it. */
export const RATE_USES_MAX = 1_000;
const U64_MAX = 2n ** 64n - 1n;
/** The key of 32 zero bytes is what an unset field looks like. */
const ZERO_KEY: Key = "11111111111111111111111111111111";
const REPEATABLE: readonly CaveatKind[] = ["argument", "amount", "rate", "loss"];

type Code = "SESSION_SCOPE_EMPTY" | "SESSION_CAVEAT_INVALID";

export function checkCaveats(caveats: readonly Caveat[]): Refusal<Code> | undefined {
  if (caveats.length > CAVEATS_MAX)
    return refuse("SESSION_CAVEAT_INVALID", "there are more caveats than a grant may have", {
      needed: `at most ${CAVEATS_MAX}`,
      got: caveats.length,
    });
  for (const caveat of caveats) {
    const problem = findProblem(caveat) ?? findRepetition(caveat, caveats);
    if (problem !== undefined) return invalid(caveat, problem);
  }
  return checkWhole(caveats);
}

/** A scope says what may be called, what may leave, to whom, and what it may cost: what it does not say is nothing. */
function checkWhole(caveats: readonly Caveat[]): Refusal<Code> | undefined {
  const names = findCaveat(caveats, "programs") ?? findCaveat(caveats, "instructions");
  if (names === undefined)
    return empty("programs or instructions", "a session needs programs or instructions that it may call");
  const amounts = listCaveats(caveats, "amount");
  if (findCaveat(caveats, "fees") === undefined && !amounts.some(boundsFees))
    return empty("fees", "a session needs a bound on fees");
  if (amounts.length > 0 && findCaveat(caveats, "recipients") === undefined)
    return empty("recipients", "a session that moves something needs recipients");
  const unbounded = amounts.find(({ asset }) => !isBounded(asset, caveats));
  if (unbounded !== undefined)
    return invalid(
      unbounded,
      "needs a bound over time beside it: a lifetime, a period, or a number of calls",
    );
  return undefined;
}

function boundsFees({ per, feesIncluded }: Amount): boolean {
  return feesIncluded && per !== "transaction";
}

function isBounded(asset: string, caveats: readonly Caveat[]): boolean {
  if (findCaveat(caveats, "calls") !== undefined) return true;
  return listCaveats(caveats, "amount").some(
    (amount) => amount.asset === asset && amount.per !== "transaction",
  );
}

function findProblem(caveat: Caveat): string | undefined {
  switch (caveat.kind) {
    case "programs":
      return findListProblem(caveat.programs) ?? findProgramProblem(caveat.programs);
    case "instructions":
      return (
        findListProblem(caveat.instructions.map(({ program, discriminator }) => program + discriminator)) ??
        caveat.instructions.map(findInstructionProblem).find((problem) => problem !== undefined)
      );
    case "argument":
      return findInstructionProblem(caveat.of) ?? findArgumentProblem(caveat);
    case "accounts":
      return findListProblem(caveat.accounts) ?? findZeroKey(caveat.accounts);
    case "recipients":
      return findListProblem(caveat.recipients) ?? findZeroKey(caveat.recipients);
    case "redeemers":
      return findListProblem(caveat.keys) ?? findZeroKey(caveat.keys);
    case "sponsor":
      return findZeroKey([caveat.key]);
    case "amount":
      return findAmountProblem(caveat);
    case "loss":
      return caveat.most >= 0n && caveat.most <= U64_MAX ? undefined : "must fit 64 bits";
    case "rate":
      return isCount(caveat.most) && caveat.most <= RATE_USES_MAX && isCount(caveat.everyMs)
        ? undefined
        : `needs 1 to ${RATE_USES_MAX} uses in at least 1 ms`;
    case "calls":
      return isCount(caveat.most) ? undefined : "must be at least 1";
    case "fees":
      return caveat.most > 0n ? undefined : "must be above zero";
  }
}

function findListProblem(list: readonly string[]): string | undefined {
  if (list.length === 0 || list.length > LIST_MAX) return `needs 1 to ${LIST_MAX} entries`;
  return new Set(list).size === list.length ? undefined : "names something twice";
}

function findZeroKey(keys: readonly Key[]): string | undefined {
  return keys.includes(ZERO_KEY) ? "the zero key names nobody" : undefined;
}

function findProgramProblem(programs: readonly Key[]): string | undefined {
  return programs.some((program) => program === COMPUTE_BUDGET_PROGRAM || isControl(program, ANY_DATA))
    ? "names a program that no grant may name"
    : undefined;
}

/** Of an instruction that is no program's control instruction, so that only programs as a whole are found out. */
const ANY_DATA = new Uint8Array(4).fill(0xff);

function findInstructionProblem({ program, discriminator }: InstructionName): string | undefined {
  const data = decodeHex(discriminator);
  const needed = discriminatorBytes(program);
  if (data === undefined || data.length === 0 || data.length > 16)
    return "needs a discriminator of 1 to 16 bytes";
  if (needed !== undefined && data.length !== needed)
    return `needs a discriminator of exactly ${needed} bytes for this program`;
  return isControl(program, data) ? "changes authority, which no session may" : undefined;
}

function findArgumentProblem({ type, operator, values, offset }: Argument): string | undefined {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset > 1_231)
    return "needs an offset within a transaction";
  if (values.length === 0 || values.length > LIST_MAX || (operator !== "ONE_OF" && values.length !== 1))
    return "needs one value, or several with ONE_OF";
  if (type !== "bytes") {
    const most = 2n ** BigInt(Number(type.slice(1))) - 1n;
    return values.every((value) => typeof value === "bigint" && value >= 0n && value <= most)
      ? undefined
      : `needs whole numbers up to ${most}`;
  }
  if (operator !== "EQ" && operator !== "NEQ" && operator !== "ONE_OF") return "bytes have no order";
  return values.every((value) => typeof value === "string") &&
    new Set(values.map((value) => value.length)).size === 1
    ? undefined
    : "needs bytes of one length";
}

function findAmountProblem({ asset, per, most, feesIncluded }: Amount): string | undefined {
  if (most <= 0n || most > U64_MAX) return "must be above zero and fit 64 bits";
  if (typeof per !== "string" && !isCount(per.everyMs)) return "needs a period of at least 1 ms";
  if (asset === ZERO_KEY) return "the zero key names no mint";
  return feesIncluded && asset !== "lamports" ? "fees are paid in lamports" : undefined;
}

function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 1;
}

/** Two limits of one thing would leave it to the reader which of them counts. */
function findRepetition(caveat: Caveat, caveats: readonly Caveat[]): string | undefined {
  const alike = caveats.filter((other) => isAlike(caveat, other));
  return alike.length > 1 ? "is said twice" : undefined;
}

function isAlike(one: Caveat, other: Caveat): boolean {
  if (one.kind !== other.kind) return false;
  if (!REPEATABLE.includes(one.kind)) return true;
  if (one.kind === "amount" && other.kind === "amount")
    return one.asset === other.asset && JSON.stringify(one.per) === JSON.stringify(other.per);
  if (one.kind === "loss" && other.kind === "loss") return one.asset === other.asset;
  if (one.kind === "rate" && other.kind === "rate") return one.everyMs === other.everyMs;
  return describeCaveat(one)[1] === describeCaveat(other)[1];
}

function invalid(caveat: Caveat, problem: string): Refusal<Code> {
  const [rule, got] = describeCaveat(caveat);
  return refuse("SESSION_CAVEAT_INVALID", `the caveat "${rule}" ${problem}`, { rule, needed: problem, got });
}

function empty(rule: string, message: string): Refusal<Code> {
  return refuse("SESSION_SCOPE_EMPTY", message, { rule, needed: "at least one", got: "none" });
}
