/** The client against servers that are slow, endless, huge, wrong, redirecting, overloaded, and gone. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { openBudget } from "../src/chat/budget.ts";
import { createSpendingMemory } from "../src/chat/spending-file.ts";
import { createTestClient, NEVER, REQUEST } from "./client.fixture.ts";
import { answer, respond, startHostileServer } from "./hostile-server.fixture.ts";

const OK = answer("fine", { usage: { prompt_tokens: 3, completion_tokens: 1 } });

test("a good answer comes through with its usage", async (context) => {
  const server = await startHostileServer(context, respond(200, OK));
  const result = await (await createTestClient(server.url)).complete(REQUEST, NEVER);
  assert.ok(result.ok);
  assert.deepEqual([result.value.content, result.value.usage], ["fine", { inputTokens: 3, outputTokens: 1 }]);
});

test("a server that never answers costs the deadline, a bounded number of times", async (context) => {
  const server = await startHostileServer(context, () => undefined);
  const startedAt = performance.now();
  const client = await createTestClient(server.url, { timeoutMs: 80 });
  const result = await client.complete(REQUEST, NEVER);
  assert.ok(!result.ok && result.code === "MODEL_UNAVAILABLE" && /80 ms/.test(result.message));
  assert.equal(server.calls(), 3);
  assert.ok(performance.now() - startedAt < 2_000);
});

test("a body that drips for ever is cut by the deadline", async (context) => {
  const server = await startHostileServer(context, (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write(" "), 10);
    response.on("close", () => clearInterval(timer));
  });
  const client = await createTestClient(server.url, { timeoutMs: 80 });
  const result = await client.complete(REQUEST, NEVER);
  assert.ok(!result.ok && result.code === "MODEL_UNAVAILABLE");
});

test("an endless and a huge body are refused at the cap, and not asked for again", async (context) => {
  let written = 0;
  const endless = await startHostileServer(context, (response) => {
    response.writeHead(200);
    const push = (): void => {
      while (response.write(Buffer.alloc(65_536, 32)) && !response.destroyed) written += 65_536;
      if (!response.destroyed) response.once("drain", push);
    };
    push();
  });
  const huge = await startHostileServer(context, respond(200, answer("x".repeat(300_000))));
  for (const { url, calls } of [endless, huge]) {
    const client = await createTestClient(url, { responseBytesMax: 200_000 });
    const result = await client.complete(REQUEST, NEVER);
    assert.ok(
      !result.ok &&
        result.code === "MODEL_REQUEST_REFUSED" &&
        /longer than 200000 bytes/.test(result.message),
    );
    assert.equal(calls(), 1);
  }
  assert.ok(written < 50_000_000);
});

test("a redirect is refused: the key goes to no other host", async (context) => {
  const elsewhere = await startHostileServer(context, respond(200, OK));
  const server = await startHostileServer(
    context,
    respond(307, "", { location: `${elsewhere.url}/chat/completions` }),
  );
  const result = await (await createTestClient(server.url, { apiKey: "secret" })).complete(REQUEST, NEVER);
  assert.ok(
    !result.ok && result.code === "MODEL_REQUEST_REFUSED" && /redirects \(307\)/.test(result.message),
  );
  assert.deepEqual([server.calls(), elsewhere.calls()], [1, 0]);
});

test("429 and 5xx are tried again, no oftener than allowed; what else is refused is refused once", async (context) => {
  for (const status of [429, 500, 502, 503, 504]) {
    const server = await startHostileServer(context, respond(status, "{}"));
    const result = await (await createTestClient(server.url)).complete(REQUEST, NEVER);
    assert.ok(!result.ok && result.code === "MODEL_UNAVAILABLE", String(status));
    assert.equal(server.calls(), 3, String(status));
  }
  for (const status of [400, 401, 403, 404, 408, 413, 422, 501]) {
    const server = await startHostileServer(context, respond(status, '{"error":"no \u001b[31m"}'));
    const result = await (await createTestClient(server.url)).complete(REQUEST, NEVER);
    assert.ok(!result.ok && result.code === "MODEL_REQUEST_REFUSED", String(status));
    assert.equal(server.calls(), 1, String(status));
    assert.doesNotMatch(result.details["got"] ?? "", /\u001b/);
  }
});

test("a server that recovers is answered for, and its Retry-After is kept", async (context) => {
  const times: number[] = [];
  const server = await startHostileServer(context, (response, request, count) => {
    times.push(performance.now());
    if (count === 1) respond(429, "{}", { "retry-after": "0.15" })(response, request, count);
    else respond(200, OK)(response, request, count);
  });
  const result = await (await createTestClient(server.url)).complete(REQUEST, NEVER);
  assert.ok(result.ok);
  assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 145, `waited ${(times[1] ?? 0) - (times[0] ?? 0)} ms`);
});

test("a Retry-After longer than we wait is a no", async (context) => {
  const server = await startHostileServer(context, respond(429, "{}", { "retry-after": "3600" }));
  const result = await (await createTestClient(server.url)).complete(REQUEST, NEVER);
  assert.ok(!result.ok && result.code === "MODEL_UNAVAILABLE");
  assert.equal(server.calls(), 1);
});

test("answers in another shape are invalid, never guessed", async (context) => {
  for (const body of [
    "",
    "not json",
    "[]",
    "null",
    "{}",
    '{"choices":[]}',
    '{"choices":[{"message":{}}]}',
    answer(null),
    answer(["supported"]),
    '{"choices":{"0":{"message":{"content":"x"}}}}',
  ]) {
    const server = await startHostileServer(context, respond(200, body));
    const result = await (await createTestClient(server.url)).complete(REQUEST, NEVER);
    assert.ok(!result.ok && result.code === "MODEL_ANSWER_INVALID", body);
    assert.equal(server.calls(), 1, body);
  }
});

test("log-probabilities and usage in another shape are absent, and spoil nothing else", async (context) => {
  for (const extra of [
    { usage: { prompt_tokens: "3", completion_tokens: 1 } },
    { usage: { prompt_tokens: -3, completion_tokens: 1 } },
    { choices: [{ message: { content: "fine" }, logprobs: { content: [{ token: "fine", logprob: 3 }] } }] },
    { choices: [{ message: { content: "fine" }, logprobs: { content: [{ token: 1, logprob: -1 }] } }] },
    { choices: [{ message: { content: "fine" }, logprobs: { tokens: ["fine"], token_logprobs: [-1] } }] },
  ]) {
    const server = await startHostileServer(context, respond(200, answer("fine", extra)));
    const result = await (await createTestClient(server.url)).complete(REQUEST, NEVER);
    assert.ok(result.ok);
    assert.deepEqual([result.value.usage, result.value.logprobs], [undefined, undefined]);
  }
});

test("a server that is not there is unavailable, and costs nothing", async () => {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  const budget = await openBudget({ windowMs: 60_000, tokensMax: 100_000 }, createSpendingMemory(), Date.now);
  const client = await createTestClient(`http://127.0.0.1:${port}/v1`, { budget });
  const result = await client.complete(REQUEST, NEVER);
  assert.ok(!result.ok && result.code === "MODEL_UNAVAILABLE" && /ECONNREFUSED/.test(result.message));
  assert.equal(budget.spent().tokens, 0);
});

test("whoever asked can stop asking, while waiting for an answer and for a turn", async (context) => {
  const server = await startHostileServer(context, () => undefined);
  const client = await createTestClient(server.url, { callsAtOnceMax: 1 });
  const [first, second] = [new AbortController(), new AbortController()];
  const calls = [client.complete(REQUEST, first.signal), client.complete(REQUEST, second.signal)];
  second.abort(new Error("no longer"));
  await assert.rejects(calls[1] ?? Promise.resolve(), /no longer/);
  first.abort(new Error("stop"));
  await assert.rejects(calls[0] ?? Promise.resolve(), /stop/);
  assert.equal(server.calls() <= 1, true);
});

test("no more calls at once than allowed", async (context) => {
  let open = 0;
  let most = 0;
  const server = await startHostileServer(context, (response, request, count) => {
    most = Math.max(most, ++open);
    setTimeout(() => {
      open--;
      respond(200, OK)(response, request, count);
    }, 20);
  });
  const client = await createTestClient(server.url, { callsAtOnceMax: 2 });
  const results = await Promise.all(Array.from({ length: 7 }, () => client.complete(REQUEST, NEVER)));
  assert.ok(results.every(({ ok }) => ok));
  assert.equal(most, 2);
});

test("the key goes in its header, and into no refusal", async (context) => {
  let seen: string | undefined;
  const server = await startHostileServer(context, (response, request, count) => {
    seen = request.headers.authorization;
    respond(401, "{}")(response, request, count);
  });
  const result = await (
    await createTestClient(server.url, { apiKey: "sk-very-secret" })
  ).complete(REQUEST, NEVER);
  assert.equal(seen, "Bearer sk-very-secret");
  assert.doesNotMatch(JSON.stringify(result), /very-secret/);
});
