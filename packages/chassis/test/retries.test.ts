/** Only calls marked idempotent are sent again, and only when nobody could answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { status as Status } from "@grpc/grpc-js";
import { call, unary } from "@mira/chassis";
import { refuse, succeed, type RefusalCode } from "@mira/primitives";
import { startSettlement, STATUS } from "./fixtures/harness.ts";

/** A handler that refuses so many times before it answers. */
function refuseFirst(times: number, code: RefusalCode) {
  const seen = { calls: 0 };
  const getStatus = unary(() => (++seen.calls <= times ? refuse(code, "not now") : succeed(STATUS)));
  return { seen, implementation: { getStatus } };
}

test("an idempotent call is sent again until another replica, or the same one, answers", async (t) => {
  const { seen, implementation } = refuseFirst(2, "NOT_LEADER");
  const { client } = await startSettlement(t, { implementation, client: { idempotent: ["getStatus"] } });
  assert.ok((await call(client, "getStatus", {})).ok);
  assert.equal(seen.calls, 3);
});

test("a call that is not idempotent is sent once", async (t) => {
  const { seen, implementation } = refuseFirst(2, "NOT_LEADER");
  const { client } = await startSettlement(t, { implementation });
  assert.ok(!(await call(client, "getStatus", {})).ok);
  assert.equal(seen.calls, 1);
});

test("a full queue is not retried at once: its answer says how long to wait", async (t) => {
  const { seen, implementation } = refuseFirst(1, "OVERLOADED");
  const { client } = await startSettlement(t, { implementation, client: { idempotent: ["getStatus"] } });
  assert.ok(!(await call(client, "getStatus", {})).ok);
  assert.equal(seen.calls, 1);
});

test("attempts are bounded", async (t) => {
  const { seen, implementation } = refuseFirst(100, "DRAINING");
  const { client } = await startSettlement(t, { implementation, client: { idempotent: ["getStatus"] } });
  const result = await call(client, "getStatus", {});
  assert.ok(!result.ok);
  assert.equal(result.code, "DRAINING");
  assert.equal(seen.calls, 4);
});

test("while most calls fail the budget stops retries: they would finish off what is overloaded", async (t) => {
  const { seen, implementation } = refuseFirst(1000, "DRAINING");
  const { client } = await startSettlement(t, { implementation, client: { idempotent: ["getStatus"] } });
  for (let calls = 0; calls < 10; calls++) await call(client, "getStatus", {});
  assert.ok(seen.calls < 20, `10 calls made ${seen.calls} attempts`);
});

test("no attempt outlasts the deadline", async (t) => {
  const { client, server } = await startSettlement(t, {
    implementation: {},
    client: { idempotent: ["getStatus"] },
  });
  await server.stop();
  const startedAt = Date.now();
  await assert.rejects(call(client, "getStatus", {}, { deadlineMs: 60 }), ({ code }: { code: Status }) =>
    [Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED].includes(code),
  );
  assert.ok(Date.now() - startedAt < 500);
});
