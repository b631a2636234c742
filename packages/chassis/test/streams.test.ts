/** Server streams: order, backpressure, refusals, cancellation, drain and resumption. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Metadata } from "@grpc/grpc-js";
import { settlement } from "@mira/api";
import { CallError, resumeStream, serverStream, stream, type CallContext } from "@mira/chassis";
import { RefusalError, refuse } from "@mira/primitives";
import { progress, startSettlement, untilAborted } from "./fixtures/harness.ts";

type Progress = settlement.WatchProgressResponse;

async function collect(messages: AsyncIterable<Progress>): Promise<number[]> {
  const seen: number[] = [];
  for await (const message of messages) seen.push(Number(message.settledBatches));
  return seen;
}

test("messages arrive in order, and the end of the iterable ends the stream", async (t) => {
  const watchProgress = serverStream(async function* () {
    for (let batch = 1; batch <= 100; batch++) yield progress(batch);
    await sleep(0);
  });
  const { client } = await startSettlement(t, { implementation: { watchProgress } });
  const seen = await collect(stream(client, "watchProgress", {}));
  assert.deepEqual(
    seen,
    Array.from({ length: 100 }, (_, at) => at + 1),
  );
});

test("a refusal in mid-stream comes after the messages before it", async (t) => {
  const refusal = refuse("NOT_FOUND", "trimmed", { oldest: 7 });
  const watchProgress = serverStream(async function* () {
    yield progress(1);
    await sleep(0);
    throw new RefusalError(refusal);
  });
  const { client } = await startSettlement(t, { implementation: { watchProgress } });
  const seen: number[] = [];
  await assert.rejects(
    async () => {
      for await (const message of stream(client, "watchProgress", {}))
        seen.push(Number(message.settledBatches));
    },
    (error) =>
      error instanceof RefusalError &&
      error.refusal.code === "NOT_FOUND" &&
      error.refusal.details["oldest"] === "7",
  );
  assert.deepEqual(seen, [1]);
});

test("a stream that stays open keeps nothing of the messages it has sent", async (t) => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const sent: WeakRef<Progress>[] = [];
  const watchProgress = serverStream(async function* (_request, call) {
    for (let batch = 1; batch <= 50; batch++) {
      const message = progress(batch);
      sent.push(new WeakRef(message));
      yield message;
    }
    await untilAborted(call.signal);
  });
  const { client } = await startSettlement(t, { implementation: { watchProgress } });
  for await (const { settledBatches } of stream(client, "watchProgress", {}))
    if (settledBatches === 50n) {
      await sleep(20);
      collectGarbage();
      assert.ok(sent.filter((message) => message.deref() !== undefined).length < 5);
      break;
    }
});

test("a slow reader holds the source back: memory does not grow with the stream", async (t) => {
  let made = 0;
  const streamSnapshot = serverStream(async function* () {
    for (; made < 400; made++)
      yield settlement.StreamSnapshotResponse.fromPartial({
        accounts: [{ data: new Uint8Array(256 * 1024) }],
      });
    await sleep(0);
  });
  const { client } = await startSettlement(t, { implementation: { streamSnapshot } });
  for await (const _message of stream(client, "streamSnapshot", { executableOnly: false })) {
    await sleep(300);
    break;
  }
  assert.ok(made < 200, `${made} of 400 messages were made for a reader of one`);
});

test("leaving the loop cancels the call, and the handler's signal says so", async (t) => {
  const ended = Promise.withResolvers<unknown>();
  const watchProgress = serverStream(async function* (
    _request: settlement.WatchProgressRequest,
    { signal }: CallContext,
  ) {
    yield progress(1);
    await untilAborted(signal).catch(ended.resolve);
  });
  const { client } = await startSettlement(t, { implementation: { watchProgress } });
  for await (const _message of stream(client, "watchProgress", {})) break;
  assert.match(String(await ended.promise), /cancelled/);
});

test("aborting throws the signal's reason, though the source never yields", async (t) => {
  const watchProgress = serverStream(async function* () {
    await sleep(60_000, undefined, { ref: false });
    yield progress(1);
  });
  const { client } = await startSettlement(t, { implementation: { watchProgress } });
  const signal = AbortSignal.timeout(50);
  await assert.rejects(collect(stream(client, "watchProgress", {}, { signal })), { name: "TimeoutError" });
});

test("a stream that broke goes on after the last message handled: no gap, nothing twice", async (t) => {
  const all = [1, 2, 3, 4, 5, 6, 7];
  let opened = 0;
  const watchProgress = serverStream(async function* (
    _request: settlement.WatchProgressRequest,
    { metadata }: CallContext,
  ) {
    opened++;
    const after = Number(metadata.get("after")[0] ?? 0);
    for (const batch of all.filter((candidate) => candidate > after).slice(0, 3)) yield progress(batch);
    await sleep(0);
    if (opened < 3) throw new RefusalError(refuse("DRAINING", "stopping"));
  });
  const { client } = await startSettlement(t, { implementation: { watchProgress } });
  const interruptions: unknown[] = [];
  const resumed = resumeStream<Progress, string>({
    open: (cursor) => stream(client, "watchProgress", {}, { metadata: toMetadata(cursor) }),
    cursorOf: (message) => String(message.settledBatches),
    signal: new AbortController().signal,
    onInterrupted: (error) => interruptions.push(error),
  });
  assert.deepEqual(await collect(resumed), all);
  assert.equal(interruptions.length, 2);
});

test("a resumed stream survives the end of its server's process", async (t) => {
  const watchProgress = serverStream(async function* (
    _request: settlement.WatchProgressRequest,
    { signal }: CallContext,
  ) {
    yield progress(1);
    await untilAborted(signal);
  });
  const first = await startSettlement(t, { implementation: { watchProgress } });
  const stopping = new AbortController();
  const seen: number[] = [];
  const resumed = resumeStream({
    open: () => stream(first.client, "watchProgress", {}),
    cursorOf: (message: Progress) => message.settledBatches,
    signal: stopping.signal,
  });
  for await (const message of resumed) {
    seen.push(Number(message.settledBatches));
    if (seen.length === 2) break;
    await first.server.stop({ graceMs: 0 });
    const { port } = first.server;
    await startSettlement(t, { implementation: { watchProgress }, server: { port } });
  }
  assert.deepEqual(seen, [1, 1]);
});

test("what resuming cannot heal is thrown, and attempts without a message are bounded when asked", async (t) => {
  const watchProgress = serverStream(() => {
    throw new RefusalError(refuse("NOT_FOUND", "trimmed"));
  });
  const { client, server } = await startSettlement(t, { implementation: { watchProgress } });
  const signal = new AbortController().signal;
  const options = { open: () => stream(client, "watchProgress", {}), cursorOf: () => undefined, signal };
  await assert.rejects(collect(resumeStream(options)), /NOT_FOUND/);
  await server.stop();
  await assert.rejects(collect(resumeStream({ ...options, attemptsMax: 2 })), CallError);
});

test("a resumed stream ends quietly when its signal aborts", async (t) => {
  const { client, server } = await startSettlement(t, { implementation: {} });
  await server.stop();
  const signal = AbortSignal.timeout(50);
  const open = () => stream(client, "watchProgress", {});
  assert.deepEqual(await collect(resumeStream({ open, cursorOf: () => undefined, signal })), []);
});

function toMetadata(after: string | undefined): Metadata {
  const metadata = new Metadata();
  if (after !== undefined) metadata.set("after", after);
  return metadata;
}
