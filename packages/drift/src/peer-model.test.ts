import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ClaimAnswers } from "./answers.ts";
import {
  computeForecastError,
  createPeerWeights,
  forecast,
  fromPeerWeightsState,
  learn,
  toPeerWeightsState,
  type PeerWeightsState,
} from "./peer-model.ts";
import { createRandom } from "./random.fixture.ts";

const OPTIONS = 3;
const answer = fc.option(fc.nat(OPTIONS), { nil: undefined });
const claim: fc.Arbitrary<ClaimAnswers> = fc
  .record({
    domain: fc.constantFrom("a", "b", "constructor"),
    own: answer,
    peers: fc.array(answer, { maxLength: 6 }),
  })
  .map(({ domain, own, peers }) => ({
    domain,
    options: OPTIONS,
    ...(own === undefined ? {} : { answer: own }),
    peers: peers.map((said, at) => ({ peer: `p${at}`, ...(said === undefined ? {} : { answer: said }) })),
  }));

function teach(claims: readonly ClaimAnswers[]) {
  const weights = createPeerWeights();
  for (const each of claims) learn(weights, each, forecast(weights, each));
  return weights;
}

test("a forecast is a distribution over the answers and silence, never zero, whatever was learnt", () => {
  fc.assert(
    fc.property(fc.array(claim, { maxLength: 40 }), claim, (claims, next) => {
      const { own, typical } = forecast(teach(claims), next);
      for (const shares of [own, typical]) {
        assert.equal(shares.length, OPTIONS + 1);
        assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
        assert.ok(shares.every((share) => share > 0));
      }
    }),
  );
});

test("the order in which peers are listed moves a forecast by rounding alone", () => {
  fc.assert(
    fc.property(fc.array(claim, { maxLength: 20 }), claim, (claims, next) => {
      const weights = teach(claims);
      const [one, other] = [
        forecast(weights, next),
        forecast(weights, { ...next, peers: next.peers.toReversed() }),
      ];
      one.own.forEach((share, at) => assert.ok(Math.abs(share - (other.own[at] ?? 0)) < 1e-9));
    }),
  );
});

test("an untaught forecast is the typical answer", () => {
  fc.assert(
    fc.property(claim, (next) => {
      const { own, typical } = forecast(createPeerWeights(), next);
      own.forEach((share, at) => assert.ok(Math.abs(share - (typical[at] ?? 0)) < 1e-9));
    }),
  );
});

test("it finds the one peer that the validator answers like, against the other six", () => {
  const random = createRandom(1);
  const draw = (): ClaimAnswers => {
    const peers = Array.from({ length: 7 }, (_, at) => ({
      peer: `p${at}`,
      answer: Math.floor(random() * OPTIONS),
    }));
    return { domain: "a", options: OPTIONS, answer: peers[3]?.answer ?? 0, peers };
  };
  const { own } = forecast(teach(Array.from({ length: 1_000 }, draw)), {
    domain: "a",
    options: OPTIONS,
    peers: Array.from({ length: 7 }, (_, at) => ({ peer: `p${at}`, answer: at === 3 ? 2 : 0 })),
  });
  assert.ok((own[2] ?? 0) > 0.85, `gave it ${own[2]}`);
});

test("weights survive being written down", () => {
  fc.assert(
    fc.property(fc.array(claim, { maxLength: 30 }), claim, (claims, next) => {
      const weights = teach(claims);
      const written = JSON.stringify(toPeerWeightsState(weights));
      const restored = fromPeerWeightsState(JSON.parse(written) as PeerWeightsState);
      assert.deepEqual(forecast(restored, next), forecast(weights, next));
    }),
  );
});

test("a forecast is wrong by less the more claims it was learnt from, and by more the more it has to know", () => {
  const draw = (peers: number): ClaimAnswers => ({
    domain: "a",
    options: 2,
    answer: 0,
    peers: Array.from({ length: peers }, (_, at) => ({ peer: `p${at}`, answer: 0 })),
  });
  const error = (claims: number, peers: number) =>
    computeForecastError(teach(Array.from({ length: claims }, () => draw(peers))));
  /** Five peers, two shared parameters, three of one domain. */
  assert.equal(error(100, 5), 10 / 200);
  assert.ok(error(200, 5) < error(100, 5) && error(100, 6) > error(100, 5));
});
