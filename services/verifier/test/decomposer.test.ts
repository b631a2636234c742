/** Responses taken apart as configured: by rules, or by a model behind a real server; and by rules again where that fails. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { decomposeByRules } from "@mira/claims";
import { unwrap } from "@mira/primitives";
import { openDecomposer } from "../src/clients/decomposer.ts";
import { readConfig } from "../src/config.ts";
import { DECOMPOSER_RELATIONS, type DecomposerConfig } from "../src/decomposer-spec.ts";

const RESPONSE = "The pier opened in 1932. It is 410 metres long. Is it old?";
const NEVER = new AbortController().signal;

type Data = { readonly sentences: readonly { readonly id: number; readonly text: string }[] };

/** Answers as a model would that makes each sentence one claim of its own words; `fails` answers 400. */
async function startModel(context: TestContext, fails = false): Promise<string> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(parts).toString()) as {
        messages: { role: string; content: string }[];
      };
      const user = body.messages.find(({ role }) => role === "user")?.content ?? "";
      const { sentences } = JSON.parse(user.split("\n").slice(1, -1).join("\n")) as Data;
      const answer = sentences.map(({ id, text }) => ({
        ...{ id, kind: "claim", reason: "states", join: "all" },
        claims: [{ text: text.replace(/\.$/, "").replace(/^It/, "The pier"), quotes: [text, "The pier"] }],
      }));
      const message = { role: "assistant", content: JSON.stringify({ sentences: answer }) };
      response.statusCode = fails ? 400 : 200;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: "stop" }] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

function configure(context: TestContext, openaiUrl: string): DecomposerConfig {
  const stateFolder = mkdtempSync(join(tmpdir(), "mira-decomposer-"));
  context.after(() => rmSync(stateFolder, { recursive: true }));
  return {
    ...{ decomposer: "openai", decomposerMs: 5_000, stateFolder, openaiUrl, openaiModel: "tiny" },
    ...{ openaiKey: undefined, openaiTimeoutMs: 2_000, openaiCallsAtOnce: 2, openaiLimitField: "max_tokens" },
    ...{
      openaiWindowMs: 60_000,
      openaiTokensMax: 1_000_000,
      openaiMoneyMax: undefined,
      openaiPrices: undefined,
    },
  };
}

test("a model's claims are taken where the response bears them out, and the model is named", async (context) => {
  const decompose = await openDecomposer(configure(context, await startModel(context)));
  const { claims, decomposer } = unwrap(await decompose(RESPONSE, NEVER));
  assert.deepEqual(
    claims.map(({ text }) => text),
    ["The pier opened in 1932", "The pier is 410 metres long"],
  );
  assert.deepEqual([decomposer.id, decomposer.model], ["model@1", "tiny"]);
  assert.match(decomposer.note ?? "", /^2 of 3 sentences as the model offered/);
});

test("where the model fails the rules answer, and it is said", async (context) => {
  const decompose = await openDecomposer(configure(context, await startModel(context, true)));
  const { claims, sentences, decomposer } = unwrap(await decompose(RESPONSE, NEVER));
  const byRules = unwrap(decomposeByRules(RESPONSE));
  assert.deepEqual(claims, byRules.claims);
  assert.equal(sentences.length, 3);
  assert.deepEqual([decomposer.id, decomposer.model], ["rules@1", "tiny"]);
  assert.match(decomposer.note ?? "", /the model failed: MODEL_REQUEST_REFUSED/);
});

test("a response without words is refused, model or not", async (context) => {
  const decompose = await openDecomposer(configure(context, await startModel(context)));
  const refused = await decompose(" \n", NEVER);
  assert.equal(refused.ok ? "" : refused.code, "RESPONSE_EMPTY");
});

test("a configuration that cannot work is refused, with what it needs", () => {
  const problemsOf = (env: Record<string, string>): string => {
    const loaded = readConfig(env);
    return loaded.ok ? "" : JSON.stringify(loaded);
  };
  assert.match(problemsOf({ MIRA_VERIFIER_DECOMPOSER: "gpt" }), /MIRA_VERIFIER_DECOMPOSER/);
  assert.match(problemsOf({ MIRA_VERIFIER_OPENAI_URL: "ftp://x" }), /MIRA_VERIFIER_OPENAI_URL/);
});

test("a model needs its address, name and folder, and a key travels in no clear text and in no address", (context) => {
  const config = configure(context, "http://127.0.0.1:1/v1");
  const broken = (change: Partial<DecomposerConfig>): string =>
    DECOMPOSER_RELATIONS.filter(({ holds }) => !holds({ ...config, ...change }))
      .map(({ says }) => says)
      .join();
  assert.equal(broken({}), "");
  assert.equal(broken({ decomposer: "rules", openaiUrl: undefined }), "");
  for (const missing of ["openaiUrl", "openaiModel", "stateFolder"] as const)
    assert.match(broken({ [missing]: undefined }), /decomposer `openai` needs/);
  assert.equal(broken({ openaiKey: "k" }), "", "to this machine");
  assert.match(broken({ openaiKey: "k", openaiUrl: "http://models.example/v1" }), /only over https/);
  assert.match(broken({ openaiMoneyMax: 1n }), /needs the price/);
  assert.match(broken({ openaiUrl: "https://me:secret@models.example/v1" }), /a key has a file/);
});
