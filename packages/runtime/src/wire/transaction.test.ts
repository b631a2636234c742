import assert from "node:assert/strict";
import { test } from "node:test";
import { getBase58Encoder, getAddressEncoder } from "@solana/kit";
import fc from "fast-check";
import {
  encodeKitTransaction,
  kitAddress,
  kitMessages,
  type KitMessage,
} from "../../fixtures/kit-messages.ts";
import { isSigner, isWritable } from "./locks.ts";
import { decodeTransaction, type DecodedTransaction } from "./transaction.ts";

const addressBytes = getAddressEncoder();

test("every transaction that @solana/kit encodes decodes to the same message", () => {
  fc.assert(
    fc.property(kitMessages, (message) => {
      const bytes = encodeKitTransaction(message);
      fc.pre(bytes.length <= 1232);
      const decoded = decodeTransaction(bytes);
      assert.ok(
        decoded.ok,
        JSON.stringify(decoded, (_, value: unknown) => String(value)),
      );
      assertSameMessage(decoded.value, bytes, message);
    }),
    { numRuns: 1000 },
  );
});

test("a transaction decodes in the midst of other bytes, and only within its range", () => {
  const bytes = encodeKitTransaction(simpleMessage());
  const around = Buffer.concat([Buffer.alloc(7, 1), bytes, Buffer.alloc(9, 1)]);
  const decoded = decodeTransaction(around, 7, 7 + bytes.length);
  assert.ok(decoded.ok);
  assertSameMessage(decoded.value, around, simpleMessage());
  for (const [start, end] of [
    [7, 8 + bytes.length],
    [6, 7 + bytes.length],
    [7, 6 + bytes.length],
    [-1, 3],
    [7, 7],
  ])
    assert.equal(decodeTransaction(around, start, end).ok, false);
});

// Offsets within simpleMessage(): one signature, legacy, 3 keys, one instruction.
const MESSAGE = 65;
const KEYS = MESSAGE + 4;
const INSTRUCTIONS = KEYS + 3 * 32 + 32;

const REFUSED: readonly [string, string, (bytes: Buffer) => Buffer][] = [
  ["no bytes", "TRANSACTION_MALFORMED", () => Buffer.alloc(0)],
  [
    "a trailing byte (litesvm accepts it: the wire would be malleable)",
    "TRANSACTION_MALFORMED",
    (b) => Buffer.concat([b, Buffer.alloc(1)]),
  ],
  ["a missing byte", "TRANSACTION_MALFORMED", (b) => b.subarray(0, -1)],
  ["more than 1,232 bytes", "TRANSACTION_TOO_LARGE", (b) => Buffer.concat([b, Buffer.alloc(1232)])],
  [
    "a signature count in two bytes that one could say",
    "TRANSACTION_MALFORMED",
    (b) => Buffer.concat([Buffer.of(0x81, 0x00), b.subarray(1)]),
  ],
  [
    "a key count in two bytes that one could say",
    "TRANSACTION_MALFORMED",
    (b) => splice(b, KEYS - 1, 1, 0x83, 0x00),
  ],
  [
    "an instruction count in three bytes",
    "TRANSACTION_MALFORMED",
    (b) => splice(b, INSTRUCTIONS, 1, 0x81, 0x80, 0x00),
  ],
  ["no signatures", "TRANSACTION_MALFORMED", (b) => Buffer.concat([Buffer.of(0), b.subarray(65)])],
  [
    "more signatures than the header needs",
    "TRANSACTION_MALFORMED",
    (b) => Buffer.concat([Buffer.of(2), Buffer.alloc(64), b.subarray(1)]),
  ],
  ["a header that needs more signatures", "TRANSACTION_MALFORMED", (b) => splice(b, MESSAGE, 1, 2)],
  ["a header without signers", "TRANSACTION_MALFORMED", (b) => splice(b, MESSAGE, 1, 0)],
  ["a read-only fee payer", "TRANSACTION_MALFORMED", (b) => splice(b, MESSAGE + 1, 1, 1)],
  ["more read-only accounts than there are", "TRANSACTION_MALFORMED", (b) => splice(b, MESSAGE + 2, 1, 3)],
  ["the fee payer as program", "TRANSACTION_MALFORMED", (b) => splice(b, INSTRUCTIONS + 1, 1, 0)],
  [
    "a program that is not among the accounts",
    "TRANSACTION_MALFORMED",
    (b) => splice(b, INSTRUCTIONS + 1, 1, 3),
  ],
  [
    "an account that is not among the accounts",
    "TRANSACTION_MALFORMED",
    (b) => splice(b, INSTRUCTIONS + 3, 1, 3),
  ],
  ["version 1 (SIMD-0385)", "TRANSACTION_VERSION_UNSUPPORTED", (b) => Buffer.concat([Buffer.of(0x81), b])],
  ["message version 1", "TRANSACTION_VERSION_UNSUPPORTED", (b) => splice(b, MESSAGE, 0, 0x81)],
  ["message version 127", "TRANSACTION_VERSION_UNSUPPORTED", (b) => splice(b, MESSAGE, 0, 0xff)],
  [
    "the same key twice",
    "ACCOUNT_LOADED_TWICE",
    (b) => splice(b, KEYS + 32, 32, ...b.subarray(KEYS, KEYS + 32)),
  ],
];

for (const [what, code, spoil] of REFUSED)
  test(`the decoder refuses ${what}`, () => {
    const decoded = decodeTransaction(spoil(Buffer.from(encodeKitTransaction(simpleMessage()))));
    assert.equal(decoded.ok ? "accepted" : decoded.code, code);
  });

test("a v0 lookup that loads nothing is refused, and a program may not come from a lookup", () => {
  const lookup = { lookupTableAddress: kitAddress(900), writableIndexes: [1], readonlyIndexes: [] };
  const message: KitMessage = { ...simpleMessage(), version: 0, addressTableLookups: [lookup] };
  assert.equal(decodeTransaction(encodeKitTransaction(message)).ok, true);
  const nothing = { ...message, addressTableLookups: [{ ...lookup, writableIndexes: [] }] };
  assert.equal(decodeTransaction(encodeKitTransaction(nothing)).ok, false);
  const dynamic = { ...message, instructions: [{ programAddressIndex: 3 }] };
  assert.equal(decodeTransaction(encodeKitTransaction(dynamic)).ok, false);
});

test("incident firedancer 9599: 64 accounts with loaded ones are the most, and the 65th is refused by name", () => {
  const message = (loaded: number): KitMessage => ({
    ...simpleMessage(),
    version: 0,
    addressTableLookups: [
      {
        lookupTableAddress: kitAddress(900),
        writableIndexes: Array.from({ length: loaded }, (_, i) => i),
        readonlyIndexes: [],
      },
    ],
  });
  assert.equal(decodeTransaction(encodeKitTransaction(message(61))).ok, true);
  const refused = decodeTransaction(encodeKitTransaction(message(62)));
  assert.deepEqual(refused.ok ? undefined : [refused.code, refused.details], [
    "TOO_MANY_LOCKS",
    { needed: "at most 64", found: "65" },
  ]);
});

function simpleMessage(): KitMessage & { version: "legacy" } {
  return {
    version: "legacy",
    header: { numSignerAccounts: 1, numReadonlySignerAccounts: 0, numReadonlyNonSignerAccounts: 1 },
    staticAccounts: [kitAddress(1), kitAddress(2), kitAddress(3)],
    lifetimeToken: kitAddress(4) as unknown as KitMessage["lifetimeToken"],
    instructions: [{ programAddressIndex: 2, accountIndices: [0, 1], data: Uint8Array.of(2, 0, 0, 0) }],
  };
}

function splice(bytes: Buffer, at: number, removed: number, ...added: number[]): Buffer {
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(added), bytes.subarray(at + removed)]);
}

function assertSameMessage(decoded: DecodedTransaction, bytes: Uint8Array, message: KitMessage): void {
  const slice = (at: number, length: number): number[] => [...bytes.subarray(at, at + length)];
  const { header } = message;
  assert.equal(decoded.version, message.version);
  assert.equal(decoded.signatureCount, header.numSignerAccounts);
  assert.deepEqual(
    Array.from(
      { length: decoded.signatureCount },
      (_, index) => bytes[decoded.signaturesOffset + 64 * index],
    ),
    Array.from({ length: header.numSignerAccounts }, (_, index) => index + 1),
  );
  assert.deepEqual(
    [decoded.numRequiredSignatures, decoded.numReadonlySigned, decoded.numReadonlyUnsigned],
    [header.numSignerAccounts, header.numReadonlySignerAccounts, header.numReadonlyNonSignerAccounts],
  );
  assert.equal(decoded.accountKeyCount, message.staticAccounts.length);
  message.staticAccounts.forEach((address, index) => {
    assert.deepEqual(slice(decoded.keysOffset + 32 * index, 32), [...addressBytes.encode(address)]);
    assert.equal(isSigner(decoded, index), index < header.numSignerAccounts);
    assert.equal(isWritable(decoded, index), isKitWritable(message, index));
  });
  assert.deepEqual(slice(decoded.blockhashOffset, 32), [...getBase58Encoder().encode(message.lifetimeToken)]);
  assert.deepEqual(
    decoded.instructions.map((instruction) => ({
      programAddressIndex: instruction.programIdIndex,
      accountIndices: slice(instruction.accountsOffset, instruction.accountsLength),
      data: slice(instruction.dataOffset, instruction.dataLength),
    })),
    message.instructions.map(({ programAddressIndex, accountIndices = [], data = new Uint8Array() }) => ({
      programAddressIndex,
      accountIndices: [...accountIndices],
      data: [...data],
    })),
  );
  const lookups = message.version === 0 ? (message.addressTableLookups ?? []) : [];
  assert.deepEqual(
    decoded.lookups.map((lookup) => ({
      table: slice(lookup.tableKeyOffset, 32),
      writable: slice(lookup.writableOffset, lookup.writableCount),
      readonly: slice(lookup.readonlyOffset, lookup.readonlyCount),
    })),
    lookups.map(({ lookupTableAddress, writableIndexes, readonlyIndexes }) => ({
      table: [...addressBytes.encode(lookupTableAddress)],
      writable: [...writableIndexes],
      readonly: [...readonlyIndexes],
    })),
  );
}

function isKitWritable({ header, staticAccounts }: KitMessage, index: number): boolean {
  const { numSignerAccounts, numReadonlySignerAccounts, numReadonlyNonSignerAccounts } = header;
  return index < numSignerAccounts
    ? index < numSignerAccounts - numReadonlySignerAccounts
    : index < staticAccounts.length - numReadonlyNonSignerAccounts;
}
