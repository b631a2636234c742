/** A call that could exceed the budget is not made, whatever servers, restarts and clocks do. */
import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { computeNanos, openBudget } from "../src/chat/budget.ts";
import { createSpendingMemory, openSpendingFile } from "../src/chat/spending-file.ts";
import { createTestClient, createTestJudge, NEVER, REQUEST, TRUE_CLAIM } from "./client.fixture.ts";
import { startChatServer } from "./chat-server.fixture.ts";
import { answer, respond, startHostileServer } from "./hostile-server.fixture.ts";

const PRICE = { inputNanosPerToken: 150n, outputNanosPerToken: 600n };
const USED = { usage: { prompt_tokens: 10, completion_tokens: 2 } };

test("whatever is reserved and settled, no budget is ever exceeded, and what was used is counted exactly", async () => {
  const call = fc.record({
    most: fc.nat(400),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    told: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
      const limits = { windowMs: 1_000, tokensMax: 1_000, nanosMax: 200_000n, price: PRICE };
      const budget = await openBudget(limits, createSpendingMemory(), () => 5);
      let tokens = 0;
      for (const { most, share, told } of calls) {
        const reserved = await budget.reserve({ inputTokens: most, outputTokens: most });
        assert.ok(budget.spent().tokens <= limits.tokensMax && budget.spent().nanos <= limits.nanosMax);
        if (!reserved.ok) continue;
        const used = { inputTokens: Math.floor(most * share), outputTokens: Math.floor(most * share) };
        await reserved.value.settle(told ? used : undefined);
        tokens += told ? 2 * used.inputTokens : 2 * most;
      }
      assert.equal(budget.spent().tokens, tokens);
    }),
    { numRuns: 50 },
  );
});

test("money stops the call before it is made", async (context) => {
  const server = await startHostileServer(context, respond(200, answer("x", USED)));
  // A request of some 100 bytes could be some 400 tokens with the template: 60,000 nanos and more.
  const limits = { nanosMax: 70_000n, price: PRICE };
  const client = await createTestClient(server.url, { limits });
  const outcomes = [];
  for (let count = 0; count < 10; count++) {
    const result = await client.complete(REQUEST, NEVER);
    outcomes.push(result.ok ? "made" : result.code);
  }
  const made = outcomes.filter((outcome) => outcome === "made").length;
  assert.ok(made >= 1 && made < 10, outcomes.join());
  assert.equal(outcomes.at(-1), "MODEL_BUDGET_EXHAUSTED");
  assert.equal(server.calls(), made);
});

test("without usage each call costs the most it could have", async (context) => {
  const silent = await startHostileServer(context, respond(200, answer("x")));
  const telling = await startHostileServer(context, respond(200, answer("x", USED)));
  const madeOf = async (url: string): Promise<number> => {
    const client = await createTestClient(url, { limits: { tokensMax: 1_000 } });
    let made = 0;
    while (made < 50 && (await client.complete(REQUEST, NEVER)).ok) made++;
    return made;
  };
  const [few, many] = [await madeOf(silent.url), await madeOf(telling.url)];
  assert.ok(few <= 3 && many > 10 * few, `${few} and ${many}`);
});

test("an answer that broke off is charged in full, an error status is not", async (context) => {
  const broken = await startHostileServer(context, (response) => {
    response.writeHead(200);
    response.write("{");
    setTimeout(() => response.destroy(), 5);
  });
  const refusing = await startHostileServer(context, respond(500, "{}"));
  const budgetOf = async (url: string): Promise<number> => {
    const budget = await openBudget(
      { windowMs: 60_000, tokensMax: 100_000 },
      createSpendingMemory(),
      Date.now,
    );
    const client = await createTestClient(url, { budget });
    assert.ok(!(await client.complete(REQUEST, NEVER)).ok);
    return budget.spent().tokens;
  };
  assert.ok((await budgetOf(broken.url)) > 3 * 256);
  assert.equal(await budgetOf(refusing.url), 0);
});

test("the window turns, and a clock that was set back keeps none for ever", async () => {
  let now = 1_000;
  const budget = await openBudget({ windowMs: 100, tokensMax: 10 }, createSpendingMemory(), () => now);
  const take = async (): Promise<boolean> => (await budget.reserve({ inputTokens: 10, outputTokens: 0 })).ok;
  assert.deepEqual([await take(), await take()], [true, false]);
  now = 1_099;
  assert.equal(await take(), false);
  now = 1_100;
  assert.deepEqual([await take(), await take()], [true, false]);
  now = 5;
  assert.equal(await take(), true);
});

test("what is given back after the window turned does not enlarge the next", async () => {
  let now = 0;
  const budget = await openBudget({ windowMs: 100, tokensMax: 10 }, createSpendingMemory(), () => now);
  const early = await budget.reserve({ inputTokens: 10, outputTokens: 0 });
  now = 100;
  assert.ok((await budget.reserve({ inputTokens: 10, outputTokens: 0 })).ok);
  assert.ok(early.ok);
  await early.value.settle({ inputTokens: 0, outputTokens: 0 });
  assert.equal(budget.spent().tokens, 10);
});

async function createFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "mira-budget-"));
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

test("a restart begins no new budget, also after a call that never came back", async (context) => {
  const file = path.join(await createFolder(context), "state/spending.json");
  const limits = { windowMs: 1_000, tokensMax: 100, nanosMax: 10n ** 12n, price: PRICE };
  const first = await openBudget(limits, openSpendingFile(file), () => 7);
  assert.ok((await first.reserve({ inputTokens: 60, outputTokens: 10 })).ok);
  const second = await openBudget(limits, openSpendingFile(file), () => 8);
  assert.deepEqual(second.spent(), { windowStartedAt: 7, tokens: 70, nanos: 15_000n });
  assert.ok(!(await second.reserve({ inputTokens: 31, outputTokens: 0 })).ok);
});

test("a record of spending that cannot be read is not taken for none", async (context) => {
  const folder = await createFolder(context);
  const file = path.join(folder, "spending.json");
  for (const damaged of ["", "{}", '{"windowStartedAt":1,"tokens":-5,"nanos":"0"}']) {
    await writeFile(file, damaged);
    await assert.rejects(
      openBudget({ windowMs: 1, tokensMax: 1 }, openSpendingFile(file), () => 0),
      /damaged/,
    );
  }
  await assert.rejects(
    openBudget({ windowMs: 1, tokensMax: 1 }, openSpendingFile(folder), () => 0),
    /EISDIR/,
  );
});

test("a judge whose budget is spent says nothing", async (context) => {
  const server = await startChatServer(context, { dialect: "vllm" });
  const judge = createTestJudge(await createTestClient(server.url, { limits: { tokensMax: 50_000 } }));
  const codes = new Set<string>();
  for (let count = 0; count < 400; count++) {
    const judged = await judge.judge(TRUE_CLAIM, NEVER);
    codes.add(judged.ok ? "judged" : judged.code);
    if (!judged.ok) break;
  }
  assert.deepEqual([...codes], ["judged", "MODEL_BUDGET_EXHAUSTED"]);
});

test("prices are exact: billionths add up", () => {
  assert.equal(computeNanos({ inputTokens: 1_000_000, outputTokens: 1_000_000 }, PRICE), 750_000_000n);
  assert.equal(computeNanos({ inputTokens: 5, outputTokens: 5 }), 0n);
});
