import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createKeyPair,
  describeBond,
  encodeBase58,
  parseBaseUnits,
  type Intent,
  type IntentPurpose,
  type UnixMs,
} from "@mira/primitives";
import { checkDebitAuthority, type DebitRequest } from "./debit-authority.ts";

const owner = createKeyPair(new Uint8Array(32).fill(1)).publicKey;
const other = createKeyPair(new Uint8Array(32).fill(2)).publicKey;
const validator = new Uint8Array(32).fill(9);
const debit = `owner/${encodeBase58(owner)}`;

function intent(purpose: IntentPurpose, fields: Intent["fields"], account: Uint8Array = owner): Intent {
  return {
    networkId: "n",
    purpose,
    account,
    epoch: 0,
    requestId: new Uint8Array(16),
    notAfter: 1 as UnixMs,
    fields,
  };
}

const TRANSFER_FIELDS: Intent["fields"] = [
  ["debit", debit],
  ["credit", "owner/x"],
  ["amount", "5"],
  ["reason", "rent"],
];
const BOND = describeBond({ validatorKey: validator, family: "rules", amountUnits: parseBaseUnits("5") });

function request(fields: Partial<DebitRequest> = {}): DebitRequest {
  const signed = intent("base.transfer", TRANSFER_FIELDS);
  return {
    debit,
    credit: "owner/x",
    amountUnits: "5",
    reason: "rent",
    intent: signed,
    signer: owner,
    ...fields,
  };
}

function bond(fields: Partial<DebitRequest> = {}): DebitRequest {
  const credit = `bond/${encodeBase58(validator)}`;
  return request({ credit, reason: "bond", intent: intent("stake.bond", BOND), ...fields });
}

test("an owner's signed intent moves what it says", () => assert.ok(checkDebitAuthority(request()).ok));
test("an operator's intent to bond moves the bond", () => assert.ok(checkDebitAuthority(bond()).ok));
test("what no owner holds needs no owner", () =>
  assert.ok(checkDebitAuthority(request({ debit: "bond/x", intent: undefined, signer: undefined })).ok));

const FORBIDDEN: ReadonlyArray<readonly [name: string, request: DebitRequest]> = [
  ["an owner's account without an intent", request({ intent: undefined })],
  ["an intent signed by another", request({ signer: other })],
  [
    "an intent for another's account",
    request({ intent: intent("base.transfer", TRANSFER_FIELDS, other), signer: other }),
  ],
  ["another amount", request({ amountUnits: "6" })],
  ["another credit", request({ credit: "owner/y" })],
  ["another reason", request({ reason: "other" })],
  ["a field too many", request({ intent: intent("base.transfer", [...TRANSFER_FIELDS, ["extra", "1"]]) })],
  ["another purpose", request({ intent: intent("session.grant", TRANSFER_FIELDS) })],
  ["a bond of another amount", bond({ amountUnits: "6" })],
  ["a bond for another validator", bond({ credit: `bond/${encodeBase58(other)}` })],
  ["a bond that goes to an owner", bond({ credit: "owner/x" })],
  ["the fees", request({ debit: "fees" })],
  ["the escrow", request({ debit: "escrow/svm" })],
  ["the issuance", request({ debit: "issuance" })],
  ["a credit to the escrow, which would not be in the runtime", request({ credit: "escrow/svm" })],
];

for (const [name, forbidden] of FORBIDDEN)
  test(`forbidden: ${name}`, () => {
    const checked = checkDebitAuthority(forbidden);
    assert.ok(!checked.ok);
    assert.equal(checked.code, "TRANSFER_FORBIDDEN");
  });
