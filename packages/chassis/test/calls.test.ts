/** Refusals, failures, deadlines and limits, as a caller meets them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { status as Status } from "@grpc/grpc-js";
import { settlement } from "@mira/api";
import {
  call,
  CallError,
  createGrpcClient,
  findCall,
  runDetached,
  unary,
  type CallContext,
} from "@mira/chassis";
import { RefusalError, refuse, succeed } from "@mira/primitives";
import { startSettlement, STATUS, untilAborted } from "./fixtures/harness.ts";

test("a response and a refusal arrive as the results they were", async (t) => {
  const refusal = refuse("NOT_FOUND", "no receipt", { sequenceNumber: 7 });
  const implementation = { getStatus: unary(() => succeed(STATUS)), getReceipt: unary(() => refusal) };
  const { client } = await startSettlement(t, { implementation });
  assert.deepEqual(await call(client, "getStatus", {}), succeed(STATUS));
  assert.deepEqual(await call(client, "getReceipt", { by: undefined }), refusal);
});

test("a thrown refusal is a refusal", async (t) => {
  const refusal = refuse("DEPENDENCY_UNAVAILABLE", "halted", { reason: "drill" });
  const getStatus = unary(() => {
    throw new RefusalError(refusal);
  });
  const { client } = await startSettlement(t, { implementation: { getStatus } });
  assert.deepEqual(await call(client, "getStatus", {}), refusal);
});

test("a surprise is INTERNAL: its inside is logged and not told", async (t) => {
  const getStatus = unary(() => {
    throw new Error("password is hunter2");
  });
  const { client, logLines } = await startSettlement(t, { implementation: { getStatus } });
  await assert.rejects(call(client, "getStatus", {}), (thrown) => {
    assert.ok(thrown instanceof CallError);
    assert.equal(thrown.code, Status.INTERNAL);
    assert.doesNotMatch(JSON.stringify([thrown.message, String(thrown.cause)]), /hunter2|handlers\.ts/);
    return true;
  });
  assert.match(JSON.stringify(logLines()), /hunter2/);
});

test("a call without a deadline gets the server's, and a handler that outlasts it is told", async (t) => {
  let ended: unknown;
  const getStatus = unary(async (_request: settlement.GetStatusRequest, { signal }) => {
    await untilAborted(signal).catch((reason: unknown) => (ended = reason));
    return succeed(STATUS);
  });
  const { client } = await startSettlement(t, {
    implementation: { getStatus },
    server: { defaultDeadlineMs: 50 },
  });
  await assert.rejects(call(client, "getStatus", {}, { deadlineMs: Infinity }), {
    code: Status.DEADLINE_EXCEEDED,
  });
  assert.match(String(ended), /deadline/);
});

test("the caller's deadline holds, and reaches the handler's signal", async (t) => {
  const ended = Promise.withResolvers<unknown>();
  const getStatus = unary(async (_request: settlement.GetStatusRequest, { signal }) => {
    await untilAborted(signal).catch(ended.resolve);
    return succeed(STATUS);
  });
  const { client } = await startSettlement(t, { implementation: { getStatus } });
  await assert.rejects(call(client, "getStatus", {}, { deadlineMs: 40 }), { code: Status.DEADLINE_EXCEEDED });
  assert.match(String(await ended.promise), /the call ended/);
});

test("calls made while handling a call inherit what is left of its deadline", async (t) => {
  const seen: number[] = [];
  const note = unary((_request: settlement.GetStatusRequest, { deadlineAt }) => {
    seen.push(deadlineAt - Date.now());
    return succeed(STATUS);
  });
  const inner = await startSettlement(t, { implementation: { getStatus: note } });
  const outer = await startSettlement(t, {
    implementation: {
      getStatus: unary(async () => {
        await sleep(100);
        await runDetached(() => call(inner.client, "getStatus", {}));
        return call(inner.client, "getStatus", {});
      }),
    },
  });
  await call(outer.client, "getStatus", {}, { deadlineMs: 1000 });
  const [detachedMs = 0, inheritedMs = 0] = seen;
  assert.ok(detachedMs > 9000, `detached work has its own deadline, got ${detachedMs} ms`);
  assert.ok(inheritedMs <= 901 && inheritedMs > 500, `what is left, got ${inheritedMs} ms`);
});

test("a caller that goes away cancels the calls made for it", async (t) => {
  const cancelled = Promise.withResolvers<unknown>();
  const wait = async (_request: settlement.GetStatusRequest, { signal }: CallContext) =>
    untilAborted(signal).catch((reason: unknown) => {
      cancelled.resolve(reason);
      throw reason;
    });
  const inner = await startSettlement(t, { implementation: { getStatus: unary(wait) } });
  const outer = await startSettlement(t, {
    implementation: { getStatus: unary(() => call(inner.client, "getStatus", {})) },
  });
  const leaving = new AbortController();
  const pending = call(outer.client, "getStatus", {}, { signal: leaving.signal });
  await sleep(50);
  leaving.abort(new Error("gone"));
  await assert.rejects(pending, /gone/);
  assert.match(String(await cancelled.promise), /cancelled/);
});

test("outside of calls there is none", () => {
  assert.equal(findCall(), undefined);
});

test("past the limit of open calls a server refuses with OVERLOADED, and answers again when one has ended", async (t) => {
  const release = Promise.withResolvers<undefined>();
  const getStatus = unary(async () => {
    await release.promise;
    return succeed(STATUS);
  });
  const { client } = await startSettlement(t, {
    implementation: { getStatus },
    server: { unaryCallsMax: 2 },
  });
  const held = [call(client, "getStatus", {}), call(client, "getStatus", {})];
  await sleep(50);
  const refused = await call(client, "getStatus", {});
  assert.ok(!refused.ok);
  assert.equal(refused.code, "OVERLOADED");
  assert.deepEqual(refused.details, { open: "2", max: "2", retryAfterMs: "100" });
  release.resolve(undefined);
  assert.deepEqual(
    (await Promise.all(held)).map((result) => result.ok),
    [true, true],
  );
  assert.ok((await call(client, "getStatus", {})).ok);
});

test("a message over the limit is refused by name", async (t) => {
  const getSettledBatch = unary(() =>
    succeed(settlement.GetSettledBatchResponse.fromPartial({ packed: new Uint8Array(9 * 1024 * 1024) })),
  );
  const { client } = await startSettlement(t, { implementation: { getSettledBatch } });
  await assert.rejects(call(client, "getSettledBatch", { batchNumber: 0n }), {
    code: Status.RESOURCE_EXHAUSTED,
  });
});

test("a message of 5 MiB, past gRPC's own limit, passes", async (t) => {
  const batch = new Uint8Array(5 * 1024 * 1024).fill(7);
  const getSettledBatch = unary(() =>
    succeed(settlement.GetSettledBatchResponse.fromPartial({ packed: batch })),
  );
  const { client } = await startSettlement(t, { implementation: { getSettledBatch } });
  const result = await call(client, "getSettledBatch", { batchNumber: 0n });
  assert.ok(result.ok);
  assert.equal(result.value.packed.length, batch.length);
});

test("nobody there is a CallError with its cause; behind a handler it is DEPENDENCY_UNAVAILABLE", async (t) => {
  const nobody = createGrpcClient(settlement.SettlementServiceClient, "127.0.0.1:1");
  t.after(() => nobody.close());
  await assert.rejects(call(nobody, "getStatus", {}), (error) => {
    assert.ok(error instanceof CallError && error.cause instanceof Error);
    return error.code === Status.UNAVAILABLE && error.isUnavailable;
  });
  const getStatus = unary(() => call(nobody, "getStatus", {}));
  const { client } = await startSettlement(t, { implementation: { getStatus } });
  const result = await call(client, "getStatus", {});
  assert.ok(!result.ok);
  assert.equal(result.code, "DEPENDENCY_UNAVAILABLE");
});
