import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AccountTable, type AccountEntry, type RecordSource } from "./account-table.ts";
import { ABSENT } from "./key-table.ts";

type Value = { readonly lamports: number };

function entry(account: number, version: number): AccountEntry<Value> {
  const source = { value: () => ({ lamports: version * 10 }) };
  return { bytes: keyOf(account), offset: 0, version, low: version * 10, high: 0, source, index: 0 };
}

function keyOf(account: number): Uint8Array {
  return new Uint8Array(32).fill(account + 1);
}

const hold = (value: Value | undefined): RecordSource<Value> => ({ value: () => value });

test("what is settled and not projected is never evicted, however small the cache", () => {
  const table = new AccountTable<Value>({ cachedMax: 1 });
  for (let account = 0; account < 20; account++) table.putSettled(entry(account, 5), 0);
  for (let account = 20; account < 60; account++) table.putCached(entry(account, 0));
  for (let account = 0; account < 20; account++) assert.notEqual(table.find(keyOf(account)), ABSENT);
  assert.equal(table.pinnedCount, 20);
  assert.ok(table.cachedCount <= 1);
});

test("an old row never covers a settled account", () => {
  const table = new AccountTable<Value>({ cachedMax: 10 });
  table.putSettled(entry(1, 7), 0);
  table.putCached(entry(1, 3));
  assert.equal(table.version(table.find(keyOf(1))), 7);
});

test("an account that was written again stays pinned when the earlier batch is projected", () => {
  const table = new AccountTable<Value>({ cachedMax: 10 });
  table.putSettled(entry(1, 7), 0);
  table.putSettled(entry(1, 9), 1);
  table.unpin({ bytes: keyOf(1), offset: 0 }, 0, hold);
  assert.equal(table.pinnedCount, 1);
  table.unpin({ bytes: keyOf(1), offset: 0 }, 1, hold);
  assert.equal(table.pinnedCount, 0);
  assert.deepEqual(table.value(table.find(keyOf(1))), { lamports: 90 });
});

test("property: overlay and projection together are the fold of all batches, wherever the flushes fall", () => {
  const batch = fc.array(fc.nat({ max: 15 }), { maxLength: 6 });
  const steps = fc.array(fc.record({ writes: batch, flushTo: fc.option(fc.nat({ max: 40 })) }), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 8 }), (history, cachedMax) => {
      const table = new AccountTable<Value>({ cachedMax });
      const [projection, truth] = [new Map<number, number>(), new Map<number, number>()];
      let projected = 0;
      history.forEach(({ writes, flushTo }, number) => {
        for (const account of writes) {
          table.putSettled(entry(account, number + 1), number);
          truth.set(account, number + 1);
        }
        for (; flushTo !== null && projected < Math.min(flushTo, number + 1); projected++)
          for (const account of history[projected]?.writes ?? []) {
            projection.set(account, projected + 1);
            table.unpin({ bytes: keyOf(account), offset: 0 }, projected, hold);
          }
        for (let account = 0; account < 16; account++) {
          const at = table.find(keyOf(account));
          const known = at === ABSENT ? projection.get(account) : table.version(at);
          assert.equal(known, truth.get(account), `account ${account} after batch ${number}`);
        }
        assert.ok(table.cachedCount <= cachedMax);
      });
    }),
    { numRuns: 300 },
  );
});
