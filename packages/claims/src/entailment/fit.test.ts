import assert from "node:assert/strict";
import { test } from "node:test";
import { assignFolds, createRandom, fitSupportModel, predictSupport, type SupportExample } from "./fit.ts";

/** Three pairs a claim; the first feature tells, the second is noise. */
function createExamples(claims: number, tells: number): SupportExample[] {
  const random = createRandom(7);
  return Array.from({ length: claims * 3 }, (_, at) => {
    const isSupported = Math.floor(at / 3) % 3 === 0;
    const signal = (isSupported ? tells : -tells) + random() * 2 - 1;
    return { features: [signal, random()], thickness: 1, isSupported, group: `c${Math.floor(at / 3)}` };
  });
}

test("no group is on both sides of a fold, and each fold has its share of groups", () => {
  const examples = createExamples(50, 1);
  const folds = assignFolds(examples, 10, 3);
  for (const [at, { group }] of examples.entries())
    assert.equal(folds[at], folds[examples.findIndex((other) => other.group === group)]);
  assert.deepEqual(
    Array.from({ length: 10 }, (_, fold) => folds.filter((place) => place === fold).length),
    new Array(10).fill(15),
  );
  assert.notDeepEqual(folds, assignFolds(examples, 10, 4));
});

test("the order of the examples does not change the model", () => {
  const examples = createExamples(60, 0.3);
  const [one, other] = [examples, examples.toReversed()].map((list) =>
    fitSupportModel(list, { modelId: "m" }),
  );
  for (const [at, weight] of (one?.weights ?? []).entries())
    assert.ok(Math.abs(weight - (other?.weights[at] ?? Number.NaN)) < 1e-9);
});

test("what tells gets the weight, and probabilities are those of the examples", () => {
  const examples = createExamples(200, 0.3);
  const model = fitSupportModel(examples, { modelId: "m" });
  assert.ok(Math.abs(model.weights[1] ?? 0) > 5 * Math.abs(model.weights[2] ?? 0));
  assert.ok(Math.abs(model.baseRate - 67 / 200) < 1e-9);
  const middle = examples.filter((example) => Math.abs(predictSupport(model, example) - 0.3) < 0.2);
  const share = middle.filter(({ isSupported }) => isSupported).length / middle.length;
  assert.ok(middle.length > 50 && Math.abs(share - 0.3) < 0.15, `${share} of ${middle.length}`);
  assert.ok(predictSupport(model, { features: [1.2, 0.5], thickness: 1 }) > 0.8);
  assert.ok(predictSupport(model, { features: [-1.2, 0.5], thickness: 1 }) < 0.1);
});

test("features that say nothing leave the base rate", () => {
  const random = createRandom(3);
  const examples = createExamples(100, 0).map((example) => ({ ...example, features: [random(), random()] }));
  const model = fitSupportModel(examples, { modelId: "m" });
  for (const features of [
    [0, 0],
    [1, 1],
    [0, 1],
  ])
    assert.ok(Math.abs(predictSupport(model, { features, thickness: 1 }) - model.baseRate) < 0.15);
});

test("without evidence nothing is known: the probability is that of a claim taken at random", () => {
  const model = fitSupportModel(createExamples(200, 1), { modelId: "m" });
  const extreme = predictSupport(model, { features: [5, 0], thickness: 1 });
  const thin = predictSupport(model, { features: [5, 0], thickness: 0 });
  assert.ok(extreme > 0.9);
  assert.ok(Math.abs(thin - model.baseRate) < 0.15, `${thin} beside ${model.baseRate}`);
});
