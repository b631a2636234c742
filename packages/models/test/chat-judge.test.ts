/** Verdicts through real servers of every dialect: what the probe finds, what the numbers say, and when nothing is said. */
import { test } from "node:test";
import assert from "node:assert/strict";
import type { CapabilityRecord, CapabilityStore } from "../src/index.ts";
import { createChatJudge, describeCapabilities, openCapabilityFile } from "../src/index.ts";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startChatServer, type Dialect } from "./chat-server.fixture.ts";
import {
  createRecordMemory,
  createTestClient,
  createTestJudge,
  FALSE_CLAIM,
  JUDGE_SETTINGS,
  NEVER,
  OPEN_CLAIM,
  SOURCES,
  TRUE_CLAIM,
} from "./client.fixture.ts";
import { answer, respond, startHostileServer } from "./hostile-server.fixture.ts";
import { trainTinyModel } from "./tiny-model.fixture.ts";

const EXPECTED: readonly (readonly [Dialect, Partial<CapabilityRecord>])[] = [
  [
    "vllm",
    {
      style: "json-schema",
      schemaEnforced: true,
      topLogprobs: 20,
      determinism: "same-numbers",
      usageReturned: true,
      contextTokens: 8192,
    },
  ],
  [
    "ollama",
    {
      style: "json-schema",
      schemaEnforced: true,
      topLogprobs: 0,
      usageReturned: true,
      fingerprint: "fp_ollama",
    },
  ],
  [
    "llama.cpp",
    { style: "json-schema", schemaEnforced: true, topLogprobs: 20, usageReturned: true, contextTokens: 4096 },
  ],
  ["plain", { style: "letter", schemaEnforced: false, topLogprobs: 5, usageReturned: false }],
];

for (const [dialect, expected] of EXPECTED)
  test(`${dialect}: the probe finds what it can do, and claims get the right verdicts`, async (context) => {
    const server = await startChatServer(context, { dialect });
    const records = createRecordMemory();
    const judge = createTestJudge(await createTestClient(server.url), { confidenceMin: 0.5 }, records);
    const verdicts = [];
    for (const claim of [TRUE_CLAIM, FALSE_CLAIM, OPEN_CLAIM]) {
      const judged = await judge.judge(claim, NEVER);
      assert.ok(judged.ok && judged.value, JSON.stringify(judged));
      verdicts.push(judged.value.verdict);
      const { run, confidence, verdict } = judged.value;
      assert.equal(run.confidenceBasis, expected.topLogprobs === 0 ? "vote-share" : "token-logprobs");
      assert.equal(run.samples, expected.topLogprobs === 0 ? 5 : 2);
      assert.equal(run.supportedBps + run.refutedBps + run.unresolvedBps, 10_000);
      assert.ok(verdict === "unresolved" ? confidence === 0 : confidence >= 0.5 && confidence < 1);
      for (const digest of [run.modelDigest, run.promptDigest, run.transcriptDigest])
        assert.match(digest, /^[0-9a-f]{64}$/);
    }
    assert.deepEqual(verdicts, ["supported", "refuted", "unresolved"]);
    assert.equal(records.records.length, 1, "probed once");
    const { injection, ...record } = records.records[0] ?? ({} as CapabilityRecord);
    for (const [key, value] of Object.entries(expected))
      assert.equal(record[key as keyof typeof record], value, key);
    assert.deepEqual(injection, { tried: 4, resisted: 4 });
  });

test("calibrated is not a word for a server without log-probabilities", async (context) => {
  const lines: string[] = [];
  for (const dialect of ["ollama", "vllm"] as const) {
    const server = await startChatServer(context, { dialect });
    const records = createRecordMemory();
    const judge = createTestJudge(await createTestClient(server.url), {}, records);
    const judged = await judge.judge(TRUE_CLAIM, NEVER);
    assert.ok(judged.ok);
    lines.push(
      [
        ...describeCapabilities(records.records[0] ?? ({} as CapabilityRecord)),
        JSON.stringify(judged.value),
      ].join("\n"),
    );
  }
  assert.doesNotMatch(lines[0] ?? "", /calibrat/i);
  assert.match(lines[0] ?? "", /not graded/);
  assert.match(lines[1] ?? "", /can be calibrated/);
});

test("a server that explains itself in free text is not usable, whatever verdict it writes", async (context) => {
  const server = await startChatServer(context, { dialect: "chatty" });
  const judged = await createTestJudge(await createTestClient(server.url)).judge(FALSE_CLAIM, NEVER);
  assert.ok(!judged.ok && judged.code === "MODEL_NOT_USABLE", JSON.stringify(judged));
});

test("only the whole constrained answer is an answer", async (context) => {
  for (const content of [
    "The answer is B.",
    "[Supported]",
    "supported",
    '{"answer":"supported"}',
    '{"answer":"B","answer":"C"}',
    '{"answer":"B"} supported',
    '```json\n{"answer":"B"}\n```',
    '{"answer":"b"}',
    '{"answer":["B"]}',
    "BC",
    "",
  ]) {
    const server = await startHostileServer(context, respond(200, answer(content)));
    const judged = await createTestJudge(await createTestClient(server.url)).judge(TRUE_CLAIM, NEVER);
    assert.ok(!judged.ok && judged.code === "MODEL_NOT_USABLE", content);
  }
});

test("what a model has against a place in the list cancels out over permutations", async (context) => {
  const biased = await startChatServer(context, { dialect: "vllm", model: trainTinyModel({ placeBias: 2 }) });
  const sharesOf = async (permutations: number, rounds: number): Promise<readonly number[]> => {
    const judge = createTestJudge(await createTestClient(biased.url), { permutations });
    const shares: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const judged = await judge.judge(FALSE_CLAIM, NEVER);
      assert.ok(judged.ok && judged.value, JSON.stringify(judged));
      shares.push(judged.value.run.refutedBps / 10_000);
    }
    return shares;
  };
  const spread = (shares: readonly number[]): number => Math.max(...shares) - Math.min(...shares);
  const [one, two, six] = [await sharesOf(1, 40), await sharesOf(2, 40), await sharesOf(6, 5)];
  assert.ok(spread(one) > 0.01, `one permutation moves with the order: ${one.join()}`);
  assert.ok(spread(two) < spread(one), "two move less");
  assert.ok(spread(six) < 0.001, `six are all orders: ${six.join()}`);
});

test("noise between equal calls is found: the numbers are not reproducible, the answer is", async (context) => {
  const server = await startChatServer(context, { dialect: "vllm", jitter: 0.05 });
  const records = createRecordMemory();
  await createTestJudge(await createTestClient(server.url), {}, records).judge(TRUE_CLAIM, NEVER);
  assert.equal(records.records[0]?.determinism, "same-answer");
});

test("a model that does as a claim tells it is not used", async (context) => {
  const server = await startChatServer(context, {
    dialect: "vllm",
    model: trainTinyModel({ obedience: 12 }),
  });
  const judged = await createTestJudge(await createTestClient(server.url)).judge(TRUE_CLAIM, NEVER);
  assert.ok(!judged.ok && judged.code === "MODEL_NOT_USABLE", JSON.stringify(judged));
  assert.match(judged.message, /did what a claim told it/);
});

test("the record holds for a day, for this model, this server and this prompt; then it is asked again", async (context) => {
  const server = await startChatServer(context, { dialect: "vllm" });
  const client = await createTestClient(server.url);
  const records = createRecordMemory();
  let now = 1_000_000;
  const probes = async (): Promise<number> => {
    const judge = createTestJudge(client, { now: () => now }, records);
    assert.ok((await judge.judge(TRUE_CLAIM, NEVER)).ok);
    return records.records.length;
  };
  assert.equal(await probes(), 1);
  assert.equal(await probes(), 1);
  now += 86_400_000;
  assert.equal(await probes(), 2);
  const [first] = records.records;
  assert.ok(first);
  records.records.push({ ...first, probedAt: now, promptDigest: "another" });
  assert.equal(await probes(), 4);
});

test("another model behind the same address is found, nothing is said in the old one's name, and it is probed anew", async (context) => {
  const server = await startChatServer(context, { dialect: "vllm" });
  const records = createRecordMemory();
  const judge = createTestJudge(await createTestClient(server.url), {}, records);
  assert.ok((await judge.judge(TRUE_CLAIM, NEVER)).ok);
  server.name = "tiny-quantized";
  const changed = await judge.judge(TRUE_CLAIM, NEVER);
  assert.ok(!changed.ok && changed.code === "MODEL_NOT_USABLE");
  assert.ok((await judge.judge(TRUE_CLAIM, NEVER)).ok);
  assert.deepEqual(
    records.records.map(({ servedModel }) => servedModel),
    ["tiny", "tiny-quantized"],
  );
  assert.notEqual(records.records[0]?.modelDigest, records.records[1]?.modelDigest);
});

test("a server whose model changes all the time is not probed all the time", async (context) => {
  const server = await startChatServer(context, { dialect: "vllm" });
  const records = createRecordMemory();
  const judge = createTestJudge(await createTestClient(server.url), {}, records);
  for (let count = 0; count < 6; count++) {
    server.name = `tiny-${count}`;
    await judge.judge(TRUE_CLAIM, NEVER);
  }
  assert.ok(records.records.length <= 2, String(records.records.length));
});

test("replicas with fingerprints of their own are one server", async (context) => {
  const server = await startChatServer(context, { dialect: "vllm", replicas: 3 });
  const records = createRecordMemory();
  const judge = createTestJudge(await createTestClient(server.url), {}, records);
  for (let count = 0; count < 4; count++) assert.ok((await judge.judge(TRUE_CLAIM, NEVER)).ok);
  assert.deepEqual(
    records.records.map(({ fingerprint }) => fingerprint),
    ["*"],
  );
});

test("a wrong key, or a model that is not there, ends the probe at its first call", async (context) => {
  for (const status of [401, 403, 404]) {
    const server = await startHostileServer(context, respond(status, "{}"));
    const judged = await createTestJudge(await createTestClient(server.url)).judge(TRUE_CLAIM, NEVER);
    assert.ok(!judged.ok && judged.code === "MODEL_REQUEST_REFUSED");
    assert.equal(server.calls(), 1);
  }
});

test("a server that is away is left in peace for a while, and nothing is said meanwhile", async (context) => {
  const server = await startHostileServer(context, respond(503, "{}"));
  const judge = createTestJudge(await createTestClient(server.url));
  for (let count = 0; count < 5; count++) {
    const judged = await judge.judge(TRUE_CLAIM, NEVER);
    assert.ok(!judged.ok && judged.code === "MODEL_UNAVAILABLE");
  }
  assert.equal(server.calls(), 3, "one probe, three attempts");
});

test("what is read is asked for without chance, what is counted with it, each time with another seed", async (context) => {
  for (const [dialect, temperature] of [
    ["vllm", 0],
    ["ollama", 1],
  ] as const) {
    const server = await startChatServer(context, { dialect });
    const judge = createTestJudge(await createTestClient(server.url));
    await judge.judge(TRUE_CLAIM, NEVER);
    server.requests.length = 0;
    await judge.judge(TRUE_CLAIM, NEVER);
    assert.ok(server.requests.every((request) => request.temperature === temperature));
    assert.equal(new Set(server.requests.map(({ seed }) => seed)).size, dialect === "vllm" ? 2 : 5);
  }
});

test("claim and sources are values of the user's JSON, and in no other message", async (context) => {
  const server = await startChatServer(context, { dialect: "vllm" });
  const judge = createTestJudge(await createTestClient(server.url));
  await judge.judge({ claim: 'Quoted "words" and\nlines.\u200B\u202E', sources: SOURCES }, NEVER);
  const last = server.requests.at(-1);
  const [system, user] = last?.messages ?? [];
  assert.deepEqual([system?.role, user?.role, last?.messages.length], ["system", "user", 2]);
  const data = JSON.parse(user?.content ?? "") as { task: string; claim: string; sources: unknown };
  assert.equal(data.claim, 'Quoted "words" and\nlines.');
  assert.deepEqual(data.sources, SOURCES);
  assert.ok(system?.content.includes(data.task));
  assert.doesNotMatch(system?.content ?? "", /Quoted|harbour|supported|refuted/);
});

test("nonce, letters and order are new for each call, and the orders of one claim mirror each other", async (context) => {
  const server = await startChatServer(context, { dialect: "vllm" });
  const judge = createTestJudge(await createTestClient(server.url));
  await judge.judge(TRUE_CLAIM, NEVER);
  server.requests.length = 0;
  await judge.judge(TRUE_CLAIM, NEVER);
  const systems = server.requests.map(({ messages }) => messages[0]?.content ?? "");
  const meanings = systems.map((text) => [...text.matchAll(/^[A-Z] = (.*)$/gm)].map(([, words]) => words));
  assert.equal(new Set(systems.map((text) => /task is (\S+)\./.exec(text)?.[1])).size, 2);
  assert.equal(meanings[0]?.length, 3);
  assert.deepEqual(meanings[0], meanings[1]?.toReversed());
});

test("the rationale is a second call: kept as untrusted text, and moves no verdict", async (context) => {
  const server = await startChatServer(context, { dialect: "vllm" });
  const judge = createTestJudge(await createTestClient(server.url), { rationale: true });
  const judged = await judge.judge(FALSE_CLAIM, NEVER);
  assert.ok(judged.ok && judged.value);
  assert.deepEqual(
    [judged.value.verdict, judged.value.run.untrustedRationale],
    ["refuted", "The first source names the year of the opening."],
  );
});

test("a model's log-probabilities that were there at the probe and are gone later are no silent vote", async (context) => {
  const server = await startChatServer(context, { dialect: "ollama" });
  const record: CapabilityRecord = { ...(await probeOf(server.url)), topLogprobs: 20 };
  const records: CapabilityStore = { read: () => Promise.resolve(record), write: () => Promise.resolve() };
  const judged = await createTestJudge(await createTestClient(server.url), {}, records).judge(
    TRUE_CLAIM,
    NEVER,
  );
  assert.ok(!judged.ok && judged.code === "MODEL_ANSWER_INVALID");
});

async function probeOf(url: string): Promise<CapabilityRecord> {
  const records = createRecordMemory();
  await createTestJudge(await createTestClient(url), {}, records).judge(TRUE_CLAIM, NEVER);
  const [record] = records.records;
  assert.ok(record);
  return record;
}

test("a record survives a restart on disk, and one that cannot be read is made anew", async (context) => {
  const folder = await mkdtemp(path.join(tmpdir(), "mira-models-"));
  context.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, "state/capabilities.json");
  const server = await startChatServer(context, { dialect: "vllm" });
  const client = await createTestClient(server.url);
  let probes = 0;
  const judgeOnce = async (): Promise<void> => {
    const judge = createChatJudge({
      name: "openai",
      client,
      records: openCapabilityFile(file),
      settings: JUDGE_SETTINGS,
      onProbed: () => (probes += 1),
    });
    assert.ok((await judge.judge(TRUE_CLAIM, NEVER)).ok);
  };
  await judgeOnce();
  await judgeOnce();
  assert.equal(probes, 1);
  for (const damaged of [
    "",
    "{",
    '{"url":1}',
    (await readFile(file, "utf8")).replace("json-schema", "free-text"),
  ]) {
    await writeFile(file, damaged);
    const before: number = probes;
    await judgeOnce();
    assert.equal(probes, before + 1, damaged);
  }
});
