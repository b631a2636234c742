/** Grants as signed fields: what is described is what is parsed, nothing else is, and one digest stands for one meaning. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createKeyPair,
  decodeIntent,
  encodeHex,
  encodeIntent,
  parseUnixMs,
  signIntent,
  verifyIntent,
  type Intent,
} from "@mira/primitives";
import { anyCaveats, FRIENDS, grantOf, HOLDER, MINT, RUNS, STRANGER } from "./authority.fixture.ts";
import { describeGrant, parseGrant, type Grant } from "./grant.ts";
import { SYSTEM_PROGRAM } from "./programs.ts";

const owner = createKeyPair(new Uint8Array(32).fill(7));
const runs = { numRuns: RUNS };
const intentOf = (fields: Intent["fields"], change: Partial<Intent> = {}): Intent => ({
  networkId: "mira-test",
  purpose: "session.grant",
  account: owner.publicKey,
  epoch: 0,
  requestId: new Uint8Array(16),
  notAfter: parseUnixMs(1_800_000_060_000),
  fields,
  ...change,
});
const optional = (names: readonly string[]) => fc.option(fc.constantFrom(...names), { nil: undefined });
const anyGrant: fc.Arbitrary<Grant> = fc
  .record({ caveats: anyCaveats, parent: optional(FRIENDS), revoker: optional([STRANGER]) })
  .map(({ caveats, parent, revoker }) =>
    grantOf(caveats, {
      ...(parent === undefined ? {} : { parent }),
      ...(revoker === undefined ? {} : { revoker }),
    }),
  );

test("a described grant parses to itself, through the signed bytes", () => {
  fc.assert(
    fc.property(anyGrant, (grant) => {
      const decoded = decodeIntent(encodeIntent(intentOf(describeGrant(grant))));
      assert.ok(decoded.ok);
      const parsed = parseGrant(decoded.value);
      assert.ok(parsed.ok, parsed.ok ? "" : parsed.code);
      assert.deepEqual(parsed.value, grant);
    }),
    runs,
  );
});

test("S13: another purpose, network, account, epoch, request or field is another digest, and no signature serves two", () => {
  const anyIntent = fc.record({
    grant: anyGrant,
    purpose: fc.constantFrom("session.grant" as const, "session.amend" as const, "session.revoke" as const),
    networkId: fc.constantFrom("mira-a", "mira-b"),
    epoch: fc.nat(2),
    request: fc.nat(2),
  });
  const encode = ({
    grant,
    purpose,
    networkId,
    epoch,
    request,
  }: Parameters<Parameters<typeof anyIntent.map>[0]>[0]) => {
    const requestId = new Uint8Array(16).fill(request);
    return intentOf(describeGrant(grant), { purpose, networkId, epoch, requestId });
  };
  fc.assert(
    fc.property(anyIntent, anyIntent, (one, other) => {
      const [left, right] = [encode(one), encode(other)];
      const isSame = JSON.stringify(left, replacer) === JSON.stringify(right, replacer);
      assert.equal(encodeHex(encodeIntent(left)) === encodeHex(encodeIntent(right)), isSame);
      const signed = { ...signIntent(left, owner), intent: encodeIntent(right) };
      const expected = {
        networkId: right.networkId,
        purpose: right.purpose,
        now: parseUnixMs(1_800_000_000_000),
      };
      assert.equal(verifyIntent(signed, expected).ok, isSame);
    }),
    runs,
  );
});

const replacer = (_name: string, value: unknown): unknown =>
  value instanceof Uint8Array ? encodeHex(value) : value;

const base = describeGrant(
  grantOf([
    { kind: "programs", programs: [SYSTEM_PROGRAM] },
    { kind: "recipients", recipients: [...FRIENDS] },
    { kind: "amount", asset: "lamports", per: "lifetime", most: 10n, feesIncluded: true },
  ]),
);
const extra = (name: string, value: string): Intent["fields"] => [...base, [name, value]];
const refusals: readonly (readonly [string, Intent["fields"], string])[] = [
  ["an unknown caveat", extra("only on", "Mondays"), "SESSION_CAVEAT_INVALID"],
  ["an amount of zero", extra("amount", `at most 0 units of ${MINT} per lifetime`), "SESSION_CAVEAT_INVALID"],
  [
    "an amount in another spelling",
    extra("amount", `at most 05 units of ${MINT} per lifetime`),
    "SESSION_CAVEAT_INVALID",
  ],
  ["two limits of one thing", extra("amount", "at most 9 lamports per lifetime"), "SESSION_CAVEAT_INVALID"],
  [
    "an amount of each transaction without an end",
    extra("amount", `at most 9 units of ${MINT} per transaction`),
    "SESSION_CAVEAT_INVALID",
  ],
  ["a wildcard", extra("may write", "*"), "SESSION_CAVEAT_INVALID"],
  ["the zero key as somebody", extra("redeemers", SYSTEM_PROGRAM), "SESSION_CAVEAT_INVALID"],
  ["an empty list", extra("may write", ""), "SESSION_CAVEAT_INVALID"],
  ["no calls", extra("calls", "at most 0"), "SESSION_CAVEAT_INVALID"],
  [
    "a name that stands for several instructions",
    extra("instructions", `${SYSTEM_PROGRAM}:02`),
    "SESSION_CAVEAT_INVALID",
  ],
  [
    "an instruction that changes authority",
    extra("instructions", `${SYSTEM_PROGRAM}:01000000`),
    "SESSION_CAVEAT_INVALID",
  ],
  [
    "an order of bytes",
    extra("argument", `${SYSTEM_PROGRAM}:02000000 bytes at 4 LT 00ff`),
    "SESSION_CAVEAT_INVALID",
  ],
  [
    "a number that does not fit its argument",
    extra("argument", `${SYSTEM_PROGRAM}:02000000 u8 at 4 EQ 256`),
    "SESSION_CAVEAT_INVALID",
  ],
  ["a head after the caveats", [...base, ["may revoke", HOLDER]], "REQUEST_INVALID"],
  ["a head twice", [["scope", "caveats, version 2"], ...base], "REQUEST_INVALID"],
  [
    "another version",
    base.map(([name, value]) => [name, name === "scope" ? "caveats, version 3" : value]),
    "REQUEST_INVALID",
  ],
  [
    "passed on and in another's place",
    describeGrant(grantOf([], { parent: HOLDER, replaces: HOLDER })),
    "REQUEST_INVALID",
  ],
];
for (const [name, fields, code] of refusals)
  test(`S10: a grant is refused for ${name}`, () => {
    const parsed = parseGrant(intentOf(fields));
    assert.equal(parsed.ok ? "accepted" : parsed.code, code);
  });
