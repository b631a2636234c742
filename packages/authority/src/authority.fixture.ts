/** Random grants, uses and times for property tests, small enough to meet at every edge. */
import fc from "fast-check";
import { encodeBase58, parseLamports, parseUnixMs, type UnixMs } from "@mira/primitives";
import type { Amount, Caveat, Key } from "./caveat.ts";
import type { Grant } from "./grant.ts";
import type { Link } from "./link.ts";
import {
  COMPUTE_BUDGET_PROGRAM,
  SYSTEM_PROGRAM,
  SYSTEM_TRANSFER,
  TOKEN_PROGRAM,
  TOKEN_TRANSFER_CHECKED,
} from "./programs.ts";
import type { ActionInstruction, ActionRequest } from "./request.ts";
import { UNUSED } from "./usage.ts";

export const RUNS = 1_000;
export const START = parseUnixMs(1_800_000_000_000);
export const LIFE_MS = 100;
export const END = parseUnixMs(START + LIFE_MS);

const key = (byte: number): Key => encodeBase58(new Uint8Array(32).fill(byte));
export const OWNER = key(1);
export const HOLDER = key(2);
export const MINT = key(3);
export const SOURCE = key(4);
export const FRIENDS: readonly Key[] = [10, 11, 12].map(key);
export const STRANGER = key(99);

export function transferTo(to: Key, amount: bigint, from: Key = OWNER): ActionInstruction {
  const data = new Uint8Array(12);
  new DataView(data.buffer).setUint32(0, 2, true);
  new DataView(data.buffer).setBigUint64(4, amount, true);
  return { program: SYSTEM_PROGRAM, accounts: [from, to], data };
}

export function tokensTo(to: Key, amount: bigint, mint: Key = MINT): ActionInstruction {
  const data = new Uint8Array(10);
  data[0] = 12;
  new DataView(data.buffer).setBigUint64(1, amount, true);
  return { program: TOKEN_PROGRAM, accounts: [SOURCE, mint, to, OWNER], data };
}

export const COMPUTE_LIMIT: ActionInstruction = {
  program: COMPUTE_BUDGET_PROGRAM,
  accounts: [],
  data: Uint8Array.of(2, 0, 0, 0, 0),
};

export function requestOf(
  instructions: readonly ActionInstruction[],
  { at = START, fee = 1n }: { readonly at?: UnixMs; readonly fee?: bigint } = {},
): ActionRequest {
  return {
    instructions,
    writable: [OWNER, ...new Set(instructions.flatMap(({ accounts }) => accounts))],
    signers: [OWNER],
    feePayer: OWNER,
    redeemer: HOLDER,
    feeLamports: parseLamports(fee),
    at,
  };
}

export function grantOf(caveats: readonly Caveat[], change: Partial<Grant> = {}): Grant {
  return { sessionKey: HOLDER, startsAt: START, expiresAt: END, caveats, ...change };
}

export function linkOf(grant: Grant, change: Partial<Link> = {}): Link {
  return { sessionId: "s1", owner: OWNER, grant, usage: UNUSED, endedAt: undefined, ...change };
}

const amount = (per: Amount["per"], most: number, feesIncluded = false): Amount => ({
  kind: "amount",
  asset: "lamports",
  per,
  most: BigInt(most),
  feesIncluded,
});

/** Scopes that grantors could sign: what may be called, to whom, how much over what, how often, at what cost. */
export const anyCaveats: fc.Arbitrary<readonly Caveat[]> = fc
  .record({
    lifetime: fc.record({ most: fc.integer({ min: 1, max: 60 }), fees: fc.boolean() }),
    period: fc.option(
      fc.record({ most: fc.integer({ min: 1, max: 20 }), everyMs: fc.integer({ min: 5, max: 60 }) }),
    ),
    each: fc.option(fc.integer({ min: 1, max: 20 })),
    calls: fc.option(fc.integer({ min: 1, max: 8 })),
    rate: fc.option(
      fc.record({ most: fc.integer({ min: 1, max: 4 }), everyMs: fc.integer({ min: 2, max: 40 }) }),
    ),
    fees: fc.integer({ min: 1, max: 15 }),
    loss: fc.option(fc.integer({ min: 1, max: 20 })),
    friends: fc.subarray([...FRIENDS], { minLength: 1 }),
  })
  .map(({ lifetime, period, each, calls, rate, fees, loss, friends }): readonly Caveat[] => [
    { kind: "instructions", instructions: [SYSTEM_TRANSFER, TOKEN_TRANSFER_CHECKED] },
    { kind: "recipients", recipients: friends },
    amount("lifetime", lifetime.most, lifetime.fees),
    { kind: "fees", most: parseLamports(fees) },
    ...(period === null ? [] : [amount({ everyMs: period.everyMs }, period.most)]),
    ...(each === null ? [] : [amount("transaction", each)]),
    ...(calls === null ? [] : [{ kind: "calls", most: calls } as const]),
    ...(rate === null ? [] : [{ kind: "rate", ...rate } as const]),
    ...(loss === null ? [] : [{ kind: "loss", asset: "lamports", most: BigInt(loss) } as const]),
  ]);

export const anyInstruction: fc.Arbitrary<ActionInstruction> = fc
  .record({ to: fc.constantFrom(...FRIENDS, STRANGER), amount: fc.bigInt({ min: 0n, max: 12n }) })
  .map((one) => transferTo(one.to, one.amount));

export const anyInstant: fc.Arbitrary<UnixMs> = fc
  .integer({ min: -5, max: LIFE_MS + 5 })
  .map((offset) => parseUnixMs(START + offset));

export const anyRequest: fc.Arbitrary<ActionRequest> = fc
  .record({
    instructions: fc.array(anyInstruction, { minLength: 1, maxLength: 3 }),
    fee: fc.bigInt({ min: 0n, max: 3n }),
    at: anyInstant,
  })
  .map(({ instructions, fee, at }) => requestOf(instructions, { at, fee }));
