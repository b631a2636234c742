import assert from "node:assert/strict";
import { test } from "node:test";
import { RefusalError } from "@mira/primitives";
import type { SettledAccount, Settlement } from "../ports.ts";
import { AccountReader } from "./account-reader.ts";

const ACCOUNT: SettledAccount = {
  exists: true,
  lamports: 1n,
  owner: new Uint8Array(32),
  executable: false,
  data: new Uint8Array(0),
};
const key = (name: string) => name.padEnd(32, ".");

test("what is asked for together is read in one call, each key once", async () => {
  const calls: number[] = [];
  const settlement: Pick<Settlement, "readAccounts"> = {
    readAccounts: (keys) => {
      calls.push(keys.length);
      return Promise.resolve({ accounts: keys.map(() => ACCOUNT), settledBatches: 3 });
    },
  };
  const reader = new AccountReader({ settlement, withData: false, keysMax: 10 });
  const answers = await Promise.all(["a", "b", "a"].map((name) => reader.read(key(name))));
  assert.deepEqual(calls, [2]);
  assert.ok(answers.every(({ settledBatches }) => settledBatches === 3));
});

test("past the limit a read is refused, and the limit counts what is under way", async () => {
  const held = Promise.withResolvers<never>();
  const settlement: Pick<Settlement, "readAccounts"> = { readAccounts: () => held.promise };
  const reader = new AccountReader({ settlement, withData: false, keysMax: 2 });
  const waiting = [reader.read(key("a")), reader.read(key("b"))];
  const refused = await reader.read(key("c")).catch((error: unknown) => error);
  assert.equal(refused instanceof RefusalError && refused.refusal.code, "OVERLOADED");
  await new Promise((resolve) => setImmediate(resolve));
  held.reject(new Error("settlement is down"));
  for (const read of waiting) await assert.rejects(read, /settlement is down/);
  const after = reader.read(key("c"));
  await assert.rejects(after, /settlement is down/, "room again, and the outage shows as itself");
});

test("a short answer is an error, not somebody else's account", async () => {
  const settlement: Pick<Settlement, "readAccounts"> = {
    readAccounts: () => Promise.resolve({ accounts: [], settledBatches: 0 }),
  };
  const reader = new AccountReader({ settlement, withData: false, keysMax: 2 });
  await assert.rejects(reader.read(key("a")), /fewer accounts/);
});
