/** Leases: one leader at a time, and what a former leader writes is refused by Postgres, whatever its own clock says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { unwrap } from "@mira/primitives";
import { eventually } from "@mira/testing";
import { acquireLease, type Lease } from "@mira/event-store";
import { makeEvent, makeEvents, openGate, openSharedStore, SCHEMA } from "../fixture.ts";

const { store, pool } = await openSharedStore();

async function lead(name: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
  return acquireLease({ pool, schema: SCHEMA, name, holder, ttlMs });
}

async function leadForSure(name: string, holder: string, ttlMs: number): Promise<Lease> {
  return eventually(async () => {
    const lease = await lead(name, holder, ttlMs);
    assert.ok(lease, "held by another");
    return lease;
  });
}

test("of replicas that ask at once exactly one leads", async () => {
  const leases = await Promise.all([1, 2, 3, 4, 5].map((holder) => lead("one", String(holder), 10_000)));
  assert.equal(leases.filter((lease) => lease !== undefined).length, 1);
});

test("a former leader's append is refused after a takeover, and the new one's is not", async () => {
  const old = await leadForSure("fenced", "old", 50);
  assert.ok(
    (await store.append({ stream: "fenced", expectedVersion: 0, events: [makeEvent()], fence: old.fence }))
      .ok,
  );
  const next = await leadForSure("fenced", "next", 10_000);
  assert.ok(next.epoch > old.epoch);
  for (const events of [makeEvents(1), makeEvents(3)]) {
    const refused = await store.append({ stream: "fenced", expectedVersion: 1, events, fence: old.fence });
    assert.ok(!refused.ok && refused.code === "NOT_LEADER");
    assert.equal(refused.details["epochInForce"], String(next.epoch));
  }
  assert.equal(await old.renew(), false);
  assert.ok(old.lost.aborted);
  assert.ok(
    (await store.append({ stream: "fenced", expectedVersion: 1, events: [makeEvent()], fence: next.fence }))
      .ok,
  );
});

test("a leader whose clock stands still is refused all the same", async (context) => {
  const old = await leadForSure("clock", "old", 50);
  context.mock.timers.enable({ apis: ["Date"], now: 0 });
  await leadForSure("clock", "next", 10_000);
  const refused = await store.append({
    stream: "clock",
    expectedVersion: 0,
    events: [makeEvent()],
    fence: old.fence,
  });
  assert.ok(!refused.ok && refused.code === "NOT_LEADER");
});

test("a takeover waits for a fenced append that has begun, and shuts out the next", async () => {
  const old = await leadForSure("between", "old", 30);
  const gate = openGate();
  const begun = openGate();
  const append = store.append({
    stream: "between",
    expectedVersion: 0,
    events: [makeEvent()],
    fence: old.fence,
    also: () => (begun.open(), gate.opened),
  });
  await begun.opened;
  await sleep(40);
  let taken = false;
  const takeover = leadForSure("between", "next", 10_000).then((lease) => ((taken = true), lease));
  await sleep(60);
  assert.equal(taken, false, "the append holds the epoch it was checked against until it commits");
  gate.open();
  unwrap(await append);
  await takeover;
  const refused = await store.append({
    stream: "between",
    expectedVersion: 1,
    events: [makeEvent()],
    fence: old.fence,
  });
  assert.ok(!refused.ok && refused.code === "NOT_LEADER");
});

test("a standby that keeps asking never interrupts a leader that renews", async () => {
  const lease = await leadForSure("renewed", "leader", 1_000);
  const until = performance.now() + 1_400;
  while (performance.now() < until) {
    assert.equal(await lease.renew(), true);
    assert.equal(await lead("renewed", "standby", 1_000), undefined);
    assert.ok(
      (
        await store.append({
          stream: "renewed",
          expectedVersion: "any",
          events: [makeEvent()],
          fence: lease.fence,
        })
      ).ok,
    );
    await sleep(50);
  }
  assert.equal(lease.lost.aborted, false);
});

test("a lease that is not renewed says so by itself", async () => {
  const lease = await leadForSure("silent", "leader", 40);
  await eventually(() => lease.lost.aborted);
  assert.equal(await lease.renew(), false);
});

test("a released lease is free at once, and its appends are refused", async () => {
  const lease = await leadForSure("released", "leader", 60_000);
  await lease.release();
  const refused = await store.append({
    stream: "released",
    expectedVersion: 0,
    events: [makeEvent()],
    fence: lease.fence,
  });
  assert.ok(!refused.ok && refused.code === "NOT_LEADER");
  assert.ok((await leadForSure("released", "next", 60_000)).epoch > lease.epoch);
});

test("a fence nobody ever acquired is refused, in batches and within a transaction too", async () => {
  const fence = { name: "never", epoch: 1 };
  const append = { stream: "never", expectedVersion: 0, events: makeEvents(2) };
  const refused = await store.appendBatch([append, { ...append, stream: "never-2" }], { fence });
  assert.ok(!refused.ok && refused.code === "NOT_LEADER");
  const client = await pool.connect();
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
  await assert.rejects(store.appendIn(client, [append], fence), /READ COMMITTED/);
  await client.query("ROLLBACK");
  client.release();
  assert.equal((await store.readStream("never")).length, 0);
});
