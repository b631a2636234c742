/** Against vectors of others: RLP from the Ethereum wiki, the address of the well-known first development key. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, encodeRlp } from "./ethereum-transfer.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const text = (value: string): Uint8Array => Buffer.from(value);

test("RLP encodes what the specification shows", () => {
  assert.equal(hex(encodeRlp(text("dog"))), "83646f67");
  assert.equal(hex(encodeRlp([text("cat"), text("dog")])), "c88363617483646f67");
  assert.equal(hex(encodeRlp(new Uint8Array())), "80");
  assert.equal(hex(encodeRlp([])), "c0");
  assert.equal(hex(encodeRlp(0n)), "80");
  assert.equal(hex(encodeRlp(15n)), "0f");
  assert.equal(hex(encodeRlp(1024n)), "820400");
  assert.equal(hex(encodeRlp([[], [[]], [[], [[]]]])), "c7c0c1c0c3c0c1c0");
  const long = text("Lorem ipsum dolor sit amet, consectetur adipisicing elit");
  assert.equal(hex(encodeRlp(long)), `b838${hex(long)}`);
});

test("the address of a key is the one that development chains print", () => {
  const key = Buffer.from("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80", "hex");
  assert.equal(hex(addressOf(key)), "f39fd6e51aad88f6f4ce6ab8827279cfffb92266");
});
