/** Session grants and bonds as intents: what is described is what is parsed, and nothing else is. */
import { test } from "node:test";
import assert from "node:assert/strict";
import type { Intent } from "./intent.ts";
import { parseBaseUnits, parseLamports, parseUnixMs } from "./quantities.ts";
import {
  describeSessionGrant,
  deriveSessionId,
  parseSessionGrant,
  type SessionGrant,
} from "./session-grant.ts";
import { describeBond, describeUnbond, parseBond, parseUnbond } from "./stake-intents.ts";

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const grant: SessionGrant = {
  sessionKey: key(1),
  recipients: [key(2), key(3)],
  limitLamports: parseLamports(5_000_000n),
  startsAt: parseUnixMs(1_800_000_000_000),
  expiresAt: parseUnixMs(1_800_000_600_000),
};
const withFields = (fields: Intent["fields"]): Intent => ({
  networkId: "mira-test",
  purpose: "session.grant",
  account: key(9),
  epoch: 0,
  requestId: new Uint8Array(16),
  notAfter: parseUnixMs(1_800_000_060_000),
  fields,
});
const replaced = (name: string, value: string): Intent =>
  withFields(describeSessionGrant(grant).map(([field, old]) => [field, field === name ? value : old]));

test("a described session grant parses to itself", () => {
  const parsed = parseSessionGrant(withFields(describeSessionGrant(grant)));
  assert.ok(parsed.ok);
  assert.equal(
    JSON.stringify(describeSessionGrant(parsed.value)),
    JSON.stringify(describeSessionGrant(grant)),
  );
});

const refusals: readonly (readonly [string, Intent, string])[] = [
  ["no recipient", withFields(describeSessionGrant({ ...grant, recipients: [] })), "SESSION_SCOPE_EMPTY"],
  ["a limit of zero", replaced("limit lamports", "0"), "SESSION_SCOPE_EMPTY"],
  ["a fractional limit", replaced("limit lamports", "1.5"), "REQUEST_INVALID"],
  ["a limit in another notation", replaced("limit lamports", "05"), "REQUEST_INVALID"],
  ["a wildcard recipient", replaced("recipient", "*"), "REQUEST_INVALID"],
  ["a session key that is none", replaced("session key", "abc"), "REQUEST_INVALID"],
  [
    "an end in another time zone's notation",
    replaced("expires", "2027-01-15T09:00:00+01:00"),
    "REQUEST_INVALID",
  ],
  [
    "an unknown caveat",
    withFields([...describeSessionGrant(grant), ["only on", "Mondays"]]),
    "REQUEST_INVALID",
  ],
  [
    "too many recipients",
    withFields(describeSessionGrant({ ...grant, recipients: Array.from({ length: 33 }, () => key(4)) })),
    "REQUEST_INVALID",
  ],
  [
    "a repeated limit",
    withFields([...describeSessionGrant(grant), ["limit lamports", "9"]]),
    "REQUEST_INVALID",
  ],
];
for (const [name, intent, code] of refusals)
  test(`a session grant is refused for ${name}`, () => {
    const parsed = parseSessionGrant(intent);
    assert.equal(parsed.ok ? "accepted" : parsed.code, code);
  });

test("a session id depends on every byte of the grant", () => {
  assert.notEqual(deriveSessionId(Uint8Array.of(1)), deriveSessionId(Uint8Array.of(2)));
});

test("a bond and an unbond parse to themselves; foreign fields, zero and other notations are refused", () => {
  const bond = { validatorKey: key(5), family: "built-in.arithmetic", amountUnits: parseBaseUnits(1_000n) };
  const fields = describeBond(bond);
  assert.ok(parseBond(withFields(fields)).ok);
  assert.ok(parseUnbond(withFields(describeUnbond(bond))).ok);
  assert.ok(!parseBond(withFields([...fields, ["and", "more"]])).ok);
  for (const [name, value] of [
    ["amount units", "0"],
    ["amount units", "-1"],
    ["amount units", "01"],
    ["family", "A B"],
    ["validator", "x"],
  ] as const)
    assert.ok(
      !parseBond(withFields(fields.map(([field, old]) => [field, field === name ? value : old]))).ok,
      `${name} ${value}`,
    );
});
