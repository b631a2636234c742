/** Checkers from configuration alone: what each needs, what each is refused for. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { readConfig } from "./config.ts";

const folder = mkdtempSync(path.join(tmpdir(), "mira-validator-config-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
const keyFile = path.join(folder, "key");
writeFileSync(keyFile, "01".repeat(32));

const BASE = {
  MIRA_NETWORK_ID: "mira-test",
  MIRA_KEY_FILE: keyFile,
  MIRA_VERIFIER_TARGET: "127.0.0.1:1",
  MIRA_VALIDATOR_JOURNAL: path.join(folder, "journal"),
};
const OPENAI = {
  ...BASE,
  MIRA_VALIDATOR_CHECKERS: "deterministic,entailment,openai",
  MIRA_VALIDATOR_OPENAI_URL: "http://127.0.0.1:11434/v1/",
  MIRA_VALIDATOR_OPENAI_MODEL: "small",
  MIRA_VALIDATOR_STATE_FOLDER: folder,
};

function load(env: Record<string, string>) {
  const loaded = readConfig(env);
  assert.ok(loaded.ok, loaded.ok ? "" : loaded.problems.join("\n"));
  return loaded.config;
}

function problemsOf(env: Record<string, string>): readonly string[] {
  const loaded = readConfig(env);
  return loaded.ok ? [] : loaded.problems;
}

test("a validator needs no model: it proves what can be proved", () => {
  assert.deepEqual(load(BASE).checkers, ["deterministic"]);
});

test("a chat endpoint from the environment, with prices in billionths per token", () => {
  const { checkers, openai, confidenceMin } = load({
    ...OPENAI,
    MIRA_VALIDATOR_OPENAI_BUDGET_MONEY: "12.5",
    MIRA_VALIDATOR_OPENAI_PRICES: "large=2.50/10,small=0.15/0.60",
  });
  assert.deepEqual(checkers, ["deterministic", "entailment", "openai"]);
  assert.equal(openai.endpoint.url, "http://127.0.0.1:11434/v1");
  assert.deepEqual(openai.endpoint.limits.price, { inputNanosPerToken: 150n, outputNanosPerToken: 600n });
  assert.deepEqual([openai.endpoint.limits.nanosMax, confidenceMin], [12_500_000_000n, 0.6]);
});

test("a price that is less than a billionth per token is rounded up, not away", () => {
  const { openai } = load({ ...OPENAI, MIRA_VALIDATOR_OPENAI_PRICES: "small=0.0001/0.00001" });
  assert.deepEqual(openai.endpoint.limits.price, { inputNanosPerToken: 1n, outputNanosPerToken: 1n });
});

const REFUSED: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  [
    "an unknown checker",
    { ...BASE, MIRA_VALIDATOR_CHECKERS: "deterministic,oracle" },
    /MIRA_VALIDATOR_CHECKERS: needed some of/,
  ],
  ["a checker twice", { ...BASE, MIRA_VALIDATOR_CHECKERS: "entailment,entailment" }, /each once/],
  [
    "a chat endpoint without address",
    { ...BASE, MIRA_VALIDATOR_CHECKERS: "openai" },
    /checker `openai` needs/,
  ],
  ["a local model without folder", { ...BASE, MIRA_VALIDATOR_CHECKERS: "onnx" }, /checker `onnx` needs/],
  [
    "money without a price",
    { ...OPENAI, MIRA_VALIDATOR_OPENAI_BUDGET_MONEY: "1", MIRA_VALIDATOR_OPENAI_PRICES: "other=1/1" },
    /needs the price/,
  ],
  [
    "a price that is none",
    { ...OPENAI, MIRA_VALIDATOR_OPENAI_PRICES: "small=cheap" },
    /MIRA_VALIDATOR_OPENAI_PRICES: needed/,
  ],
  ["a negative budget", { ...OPENAI, MIRA_VALIDATOR_OPENAI_BUDGET_MONEY: "-1" }, /needed an amount/],
  [
    "a key over http to elsewhere",
    {
      ...OPENAI,
      MIRA_VALIDATOR_OPENAI_URL: "http://models.example/v1",
      MIRA_VALIDATOR_OPENAI_KEY_FILE: keyFile,
    },
    /only over https/,
  ],
  [
    "a name that looks like this machine",
    {
      ...OPENAI,
      MIRA_VALIDATOR_OPENAI_URL: "http://127.0.0.1.example/v1",
      MIRA_VALIDATOR_OPENAI_KEY_FILE: keyFile,
    },
    /only over https/,
  ],
  [
    "a password in the address",
    { ...OPENAI, MIRA_VALIDATOR_OPENAI_URL: "https://me:secret@models.example/v1" },
    /no name, password or query/,
  ],
  [
    "labels that are no verdicts",
    { ...BASE, MIRA_VALIDATOR_ONNX_LABELS: "yes,no" },
    /needed some of supported/,
  ],
];

for (const [what, env, problem] of REFUSED)
  test(`${what} is refused at the start`, () => {
    const problems = problemsOf(env);
    assert.ok(problems.length > 0 && problems.some((line) => problem.test(line)), problems.join("\n"));
    assert.doesNotMatch(problems.join(), /secret/);
  });
