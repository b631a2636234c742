/** Slow work is bounded and holds up nothing else; work of one lane keeps its order. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createLanes } from "./lanes.ts";

test("a slow commit holds up no reveal of another verification, and its own reveal waits for it", async () => {
  const lanes = createLanes(1);
  const order: string[] = [];
  const slow = Promise.withResolvers<undefined>();
  await lanes.add("v1", "slow", async () => {
    await slow.promise;
    order.push("commit v1");
  });
  await lanes.add("v1", "quick", () => Promise.resolve(order.push("reveal v1")).then(() => undefined));
  await lanes.add("v2", "quick", () => {
    order.push("reveal v2");
    slow.resolve(undefined);
    return Promise.resolve();
  });
  await lanes.settled();
  assert.deepEqual(order, ["reveal v2", "commit v1", "reveal v1"]);
});

test("no more slow work at once than allowed", async () => {
  const lanes = createLanes(3);
  let [running, most] = [0, 0];
  for (let index = 0; index < 20; index++)
    await lanes.add(`v${index}`, "slow", async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running--;
    });
  await lanes.settled();
  assert.deepEqual([most, running], [3, 0]);
});

test("when too much waits, no more is taken", async () => {
  const lanes = createLanes(1);
  const hold = Promise.withResolvers<undefined>();
  let added = 0;
  const adding = (async () => {
    for (let index = 0; index < 300; index++) {
      await lanes.add(`v${index}`, "slow", async () => {
        await hold.promise;
      });
      added++;
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(added, 255);
  hold.resolve(undefined);
  await adding;
  await lanes.settled();
  assert.equal(added, 300);
});
