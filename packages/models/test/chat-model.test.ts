/** A decomposer's model through the client: the schema goes out, the text comes back, and what fails is refused. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createModelDecomposer } from "@mira/claims";
import { unwrap } from "@mira/primitives";
import { asChatModel } from "../src/index.ts";
import { createTestClient, NEVER } from "./client.fixture.ts";
import { answer, respond, startHostileServer } from "./hostile-server.fixture.ts";

const REQUEST = { system: "s", user: "u", schema: { type: "object" }, maxTokens: 50, signal: NEVER };

test("text and usage come back", async (context) => {
  const usage = { usage: { prompt_tokens: 3, completion_tokens: 1 } };
  const server = await startHostileServer(context, respond(200, answer('{"a":1}', usage)));
  const model = asChatModel(await createTestClient(server.url));
  assert.deepEqual(unwrap(await model.complete(REQUEST)), {
    text: '{"a":1}',
    usage: { inputTokens: 3, outputTokens: 1 },
  });
});

test("an answer that was cut off is refused", async (context) => {
  const cut = { choices: [{ message: { content: '{"claims":[' }, finish_reason: "length" }] };
  const server = await startHostileServer(context, respond(200, JSON.stringify(cut)));
  const result = await asChatModel(await createTestClient(server.url)).complete(REQUEST);
  assert.ok(!result.ok && result.code === "MODEL_ANSWER_INVALID");
});

test("a decomposer with a server that talks nonsense, or none, still accounts for every sentence", async (context) => {
  for (const behave of [respond(200, answer("Sure! Here are the claims.")), respond(500, "{}")]) {
    const server = await startHostileServer(context, behave);
    const decompose = createModelDecomposer({ model: asChatModel(await createTestClient(server.url)) });
    const decomposed = unwrap(await decompose("The pier opened in 1932. It is 410 metres long.", NEVER));
    assert.equal(decomposed.sentences.length, 2);
    assert.ok(server.calls() > 0);
  }
});
