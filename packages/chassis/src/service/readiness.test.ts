/** When a service counts as ready. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Readiness } from "./readiness.ts";

test("ready only while serving and while every check holds", () => {
  const readiness = new Readiness();
  const seen: boolean[] = [];
  readiness.watch((ready) => seen.push(ready));
  readiness.setReady("postgres", true);
  assert.equal(readiness.isReady, false, "still starting");
  readiness.setState("serving");
  assert.equal(readiness.isReady, true);
  readiness.setReady("nats", false, "reconnecting");
  assert.deepEqual(readiness.report().checks["nats"], { ok: false, detail: "reconnecting" });
  readiness.setReady("nats", true);
  readiness.setState("draining");
  readiness.setReady("nats", true);
  assert.equal(readiness.isReady, false, "no check makes a draining service ready");
  assert.deepEqual(seen, [false, true, false, true, false]);
});
