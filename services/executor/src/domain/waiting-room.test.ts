/** Partitions run on exactly the versions they name, in whatever order things arrive. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { VersionCache, type CachedVersion } from "./version-cache.ts";
import { WaitingRoom, type Need } from "./waiting-room.ts";

const nothing = (): undefined => undefined;

function enter(
  room: WaitingRoom<string, string>,
  work: string,
  needs: Need[],
  order = { batchNumber: 0, partition: 0 },
): void {
  room.enter({ work, order, at: 0, needs }, nothing);
}

test("a partition runs when its last input version has come, and not before", () => {
  const room = new WaitingRoom<string, string>();
  enter(room, "p", [
    { key: "x", version: 3 },
    { key: "y", version: -1 },
  ]);
  room.supply({ key: "x", version: 3 }, { version: 3, value: "x3" });
  room.supply({ key: "y", version: 7 }, { version: 7, value: "y7" });
  assert.equal(room.takeReady(), undefined, "version 7 of y is not what is settled before the batch");
  room.supply({ key: "y", version: -1 }, { version: 2, value: "y2" });
  const ready = room.takeReady();
  assert.deepEqual([ready?.work, ready?.supplied.get("y")?.version], ["p", 2]);
});

test("another version of the same account does not let a partition run", () => {
  const room = new WaitingRoom<string, string>();
  enter(room, "p", [{ key: "x", version: 3 }]);
  room.supply({ key: "x", version: 4 }, { version: 4, value: "x4" });
  assert.equal(room.takeReady(), undefined);
});

test("of several that may run the earliest in the ledger's order comes first", () => {
  const room = new WaitingRoom<string, string>();
  enter(room, "late", [], { batchNumber: 2, partition: 0 });
  enter(room, "second", [], { batchNumber: 1, partition: 5 });
  enter(room, "first", [], { batchNumber: 1, partition: 2 });
  assert.deepEqual(
    [room.takeReady()?.work, room.takeReady()?.work, room.takeReady()?.work],
    ["first", "second", "late"],
  );
});

test("what is let go is the latest, and is not run when its version comes", () => {
  const room = new WaitingRoom<string, string>();
  enter(room, "early", [{ key: "x", version: 1 }], { batchNumber: 1, partition: 0 });
  enter(room, "late", [{ key: "x", version: 1 }], { batchNumber: 1, partition: 1 });
  const [latest] = room.listLatestWaiting(1);
  assert.ok(latest);
  assert.equal(latest.work, "late");
  room.leave(latest);
  room.supply({ key: "x", version: 1 }, { version: 1, value: "x1" });
  assert.deepEqual([room.takeReady()?.work, room.takeReady()], ["early", undefined]);
});

test("partitions and versions in any order of arrival: all run, each on exactly the versions it names", () => {
  // A chain per account: partition n needs versions that earlier partitions make.
  const touches = fc.array(fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 25,
  });
  fc.assert(
    fc.property(touches, fc.infiniteStream(fc.nat(1_000)), (partitions, random) => {
      const latest = new Map<string, number>();
      const works = partitions.map((accounts, index) => {
        const needs = accounts.map((account) => ({
          key: `a${account}`,
          version: latest.get(`a${account}`) ?? 0,
        }));
        for (const account of accounts) latest.set(`a${account}`, index + 1);
        return { index, needs };
      });
      const cache = new VersionCache<string>({ accountsMax: 100 });
      for (let account = 0; account < 5; account++) cache.put(`a${account}`, 0, "genesis");
      const room = new WaitingRoom<(typeof works)[number], string>();
      const find = (need: Need): CachedVersion<string> | undefined => cache.find(need.key, need.version);
      const draw = (below: number): number => Number(random.next().value) % below;
      const arriving = [...works];
      let ran = 0;
      const run = (): void => {
        for (let next = room.takeReady(); next !== undefined; next = room.takeReady()) {
          const { needs, index } = next.work;
          for (const need of needs) assert.equal(next.supplied.get(need.key)?.version, need.version);
          ran++;
          for (const { key } of needs) {
            cache.put(key, index + 1, `by ${index}`);
            room.supply({ key, version: index + 1 }, { version: index + 1, value: `by ${index}` });
          }
        }
      };
      while (arriving.length > 0) {
        const [work] = arriving.splice(draw(arriving.length), 1);
        if (work === undefined) break;
        room.enter(
          { work, order: { batchNumber: 0, partition: work.index }, at: 0, needs: work.needs },
          find,
        );
        if (draw(2) === 0) run();
      }
      run();
      assert.equal(ran, works.length);
      assert.equal(room.waitingCount, 0);
    }),
  );
});
