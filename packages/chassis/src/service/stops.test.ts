/** What was started ends in reverse order, whatever goes wrong on the way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { Stops } from "./stops.ts";

const logger = pino({ level: "silent" });

test("stops run in reverse order, one after the other", async () => {
  const stops = new Stops(logger);
  const order: string[] = [];
  for (const name of ["pool", "worker", "server"])
    stops.add(name, async () => {
      order.push(`${name} begins`);
      await sleep(1);
      order.push(`${name} ends`);
    });
  assert.equal(await stops.run(), true);
  assert.deepEqual(order, [
    "server begins",
    "server ends",
    "worker begins",
    "worker ends",
    "pool begins",
    "pool ends",
  ]);
});

test("one that fails or hangs does not keep the others, and the whole is not clean", async () => {
  const stops = new Stops(logger);
  const stopped: string[] = [];
  let told: AbortSignal | undefined;
  stops.add("pool", () => void stopped.push("pool"));
  stops.add("broken", () => Promise.reject(new Error("no")));
  stops.add("hangs", (signal) => ((told = signal), sleep(5000, undefined, { ref: false })), {
    deadlineMs: 10,
  });
  assert.equal(await stops.run(), false);
  assert.deepEqual(stopped, ["pool"]);
  assert.equal(told?.aborted, true);
});
