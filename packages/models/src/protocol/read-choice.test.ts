/** From tokens to a distribution over the options, as servers cut and mark them. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChatAnswer, TokenLogprob } from "../chat/chat-types.ts";
import { readChoice } from "./read-choice.ts";

const LETTERS = ["K", "Q", "X"];

function answerOf(content: string, logprobs?: readonly TokenLogprob[]): ChatAnswer {
  const answer = { content, finish: "stop", model: "m", fingerprint: "" };
  return { ...answer, transcript: { request: "", response: "" }, ...(logprobs && { logprobs }) };
}

const sure = (token: string): TokenLogprob => ({ token, logprob: 0, alternatives: [{ token, logprob: 0 }] });

/** The chosen token first, shares of one. */
function among(shares: Readonly<Record<string, number>>): TokenLogprob {
  const alternatives = Object.entries(shares).map(([token, share]) => ({ token, logprob: Math.log(share) }));
  const [first = { token: "", logprob: 0 }] = alternatives;
  return { ...first, alternatives };
}

function probabilitiesOf(
  answer: ChatAnswer,
  style: "json-schema" | "letter" = "json-schema",
): Record<string, number> {
  const choice = readChoice(answer, LETTERS, style);
  assert.ok(choice.ok && choice.value.probabilities, JSON.stringify(choice));
  return Object.fromEntries(
    [...choice.value.probabilities].map(([letter, share]) => [letter, Number(share.toFixed(4))]),
  );
}

test("a letter that is not one of this call's is no answer", () => {
  for (const content of ['{"answer":"A"}', '{"answer":"k"}']) {
    const choice = readChoice(answerOf(content), LETTERS, "json-schema");
    assert.ok(!choice.ok && choice.code === "MODEL_ANSWER_INVALID");
  }
  assert.ok(!readChoice(answerOf("A"), LETTERS, "letter").ok);
});

test("the option's token is found however the rest is cut", () => {
  const shares = { K: 0.7, Q: 0.2, X: 0.1 };
  const quoted = { '"K': 0.7, '"Q': 0.2, '"X': 0.1 };
  const closed = { 'K"}': 0.7, 'Q"}': 0.2, 'X"}': 0.1 };
  const wanted = { K: 0.7, Q: 0.2, X: 0.1 };
  for (const tokens of [
    [sure('{"'), sure("answer"), sure('":"'), among(shares), sure('"}')],
    [sure("{"), sure('"answer"'), sure(":"), among(quoted), sure('"'), sure("}")],
    [sure('{"answer":"'), among(closed)],
    [sure('{"answer":"'), among(shares), sure('"}'), sure("<|eot_id|>")],
    Array.from('{"answer":"').map(sure).concat(among(shares), sure('"'), sure("}")),
  ])
    assert.deepEqual(
      probabilitiesOf(answerOf('{"answer":"K"}', tokens)),
      wanted,
      tokens.map(({ token }) => token).join("|"),
    );
});

test("in bare answers a space, or a tokenizer's mark for one, belongs to the letter", () => {
  for (const mark of ["", " ", "▁", "Ġ"]) {
    const tokens = [among({ [`${mark}K`]: 0.6, [`${mark}Q`]: 0.3, X: 0.1 })];
    assert.deepEqual(probabilitiesOf(answerOf("K", tokens), "letter"), { K: 0.6, Q: 0.3, X: 0.1 }, mark);
  }
});

test("several ways to write a letter add up, other words do not count", () => {
  const tokens = [among({ K: 0.4, " K": 0.2, Q: 0.2, OK: 0.1, Kilo: 0.05, X: 0.05 })];
  assert.deepEqual(probabilitiesOf(answerOf("K", tokens), "letter"), { K: 0.7059, Q: 0.2353, X: 0.0588 });
});

test("an option that is not listed is at most as likely as the least that is, and as what is left", () => {
  assert.deepEqual(probabilitiesOf(answerOf("K", [among({ K: 0.9, The: 0.06, Q: 0.04 })]), "letter"), {
    K: 0.9574,
    Q: 0.0426,
    X: 0,
  });
  const { X = 1 } = probabilitiesOf(answerOf("K", [among({ K: 0.7, Q: 0.1 })]), "letter");
  assert.equal(X, Number((0.1 / 0.9).toFixed(4)));
});

test("a model that would rather say something else has not answered", () => {
  const choice = readChoice(answerOf("K", [among({ K: 0.3, I: 0.6, Q: 0.05, X: 0.05 })]), LETTERS, "letter");
  assert.ok(!choice.ok && choice.code === "MODEL_ANSWER_INVALID");
});

test("log-probabilities that do not spell the answer, or name no alternatives, are none", () => {
  for (const tokens of [
    [sure("something"), among({ K: 0.9, Q: 0.1 })],
    [sure('{"answer":"'), { ...sure("K"), alternatives: [] }, sure('"}')],
    [sure('{"answer":"'), sure("K"), sure('"}')],
  ]) {
    const choice = readChoice(answerOf('{"answer":"K"}', tokens), LETTERS, "json-schema");
    assert.ok(choice.ok && choice.value.probabilities === undefined);
  }
});

test("whatever a server lists, the shares are a distribution", () => {
  const token = fc.constantFrom("K", "Q", "X", " K", "OK", '"', "the", "▁Q", "");
  const alternative = fc.record({ token, logprob: fc.double({ min: -60, max: 0, noNaN: true }) });
  fc.assert(
    fc.property(
      fc.array(alternative, { maxLength: 20 }),
      fc.double({ min: -60, max: 0, noNaN: true }),
      (alternatives, logprob) => {
        const choice = readChoice(answerOf("K", [{ token: "K", logprob, alternatives }]), LETTERS, "letter");
        if (!choice.ok || choice.value.probabilities === undefined) return;
        const shares = [...choice.value.probabilities.values()];
        assert.equal(shares.length, 3);
        assert.ok(shares.every((share) => share >= 0 && share <= 1));
        assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
      },
    ),
  );
});
