/** Reading only a balance gives what reading the whole account gives, whatever the account was before. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Lamports } from "@mira/primitives";
import { accountKeyBytes, type AccountValue } from "../wire/index.ts";
import { SYSTEM_PROGRAM } from "./account-keys.ts";
import { Vm } from "./litesvm.ts";
import { createPlainAccounts, RENT_EPOCH_MAX } from "./plain-accounts.ts";

const KEY = Buffer.alloc(32, 7).toString("latin1");
const PLAIN: AccountValue = {
  lamports: 5_000_000n as Lamports,
  owner: accountKeyBytes(SYSTEM_PROGRAM),
  executable: false,
  rentEpoch: RENT_EPOCH_MAX,
  data: new Uint8Array(0),
};
const OTHERS: Record<string, AccountValue> = {
  "with data": { ...PLAIN, data: new Uint8Array(8) },
  "of a program": { ...PLAIN, owner: new Uint8Array(32).fill(9) },
  "not exempt from rent": { ...PLAIN, rentEpoch: 0n },
};

test("a plain account is known after one read, and its balance is read anew each time", () => {
  const vm = new Vm();
  const plain = createPlainAccounts();
  vm.set(KEY, PLAIN);
  assertSame(plain.read(vm, KEY, true), vm.get(KEY));
  vm.set(KEY, { ...PLAIN, lamports: 7_000_000n as Lamports });
  assertSame(plain.read(vm, KEY, true), vm.get(KEY));
  vm.remove(KEY);
  assert.equal(plain.read(vm, KEY, true), undefined);
});

test("one that is not there yet begins as a plain one", () => {
  const vm = new Vm();
  const plain = createPlainAccounts();
  assert.equal(plain.read(vm, KEY, true), undefined);
  vm.set(KEY, PLAIN);
  assertSame(plain.read(vm, KEY, true), vm.get(KEY));
});

for (const [name, other] of Object.entries(OTHERS))
  test(`a plain account that becomes one ${name} is read whole from then on`, () => {
    const vm = new Vm();
    const plain = createPlainAccounts();
    vm.set(KEY, PLAIN);
    plain.read(vm, KEY, true);
    vm.set(KEY, other);
    const read = plain.read(vm, KEY, false);
    assertSame(read, vm.get(KEY));
    assert.throws(() => assertSame(read, PLAIN));
    assertSame(plain.read(vm, KEY, true), vm.get(KEY));
  });

/** Buffers and plain arrays alike. */
function assertSame(actual: AccountValue | undefined, expected: AccountValue | undefined): void {
  assert.deepEqual(describe(actual), describe(expected));
}

function describe(value: AccountValue | undefined): object | undefined {
  return value && { ...value, owner: [...value.owner], data: [...value.data] };
}
