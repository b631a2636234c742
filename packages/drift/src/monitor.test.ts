import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ClaimAnswers } from "./answers.ts";
import { computeThresholds, DEFAULT_MONITOR_PLAN, type MonitorPlan } from "./monitor-plan.ts";
import { DriftMonitor, type MonitorState, type Observation } from "./monitor.ts";
import { createRandom } from "./random.fixture.ts";

const plan: MonitorPlan = { ...DEFAULT_MONITOR_PLAN, learningClaims: 1_000 };
const DOMAINS = ["law", "math", "__proto__"];

/** Four-way claims; peers are right 7 times in 10; so is the validator, which makes the mistakes of peer p0, unless it has changed. */
function createWork(seed: number) {
  const random = createRandom(seed);
  const answer = (truth: number, accuracy: number) =>
    random() < accuracy ? truth : Math.floor(random() * 4);
  return (hasChanged: boolean): { claim: ClaimAnswers; isCorrect: boolean } => {
    const truth = Math.floor(random() * 4);
    const peers = Array.from({ length: 7 }, (_, at) => ({ peer: `p${at}`, answer: answer(truth, 0.6) }));
    const own =
      random() < 0.85 && !hasChanged ? (peers[0]?.answer ?? 0) : answer(truth, hasChanged ? 0.2 : 0.6);
    const domain = DOMAINS[Math.floor(random() * DOMAINS.length)] ?? "law";
    return { claim: { domain, options: 4, answer: own, peers }, isCorrect: own === truth };
  };
}

function createTaught(seed: number, taught = plan): DriftMonitor {
  const work = createWork(seed);
  const history = Array.from({ length: 1_000 }).flatMap((_, at): Observation[] => {
    const { claim, isCorrect } = work(false);
    const probe: Observation = { kind: "probe", domain: claim.domain, isCorrect };
    return [{ kind: "claim", claim }, ...(at % 10 === 0 ? [probe] : [])];
  });
  return DriftMonitor.fromHistory(taught, history);
}

test("a validator that stays as it was is left alone", () => {
  for (let seed = 0; seed < 5; seed++) {
    const [monitor, work] = [createTaught(seed), createWork(100 + seed)];
    for (let claim = 0; claim < 2_000; claim++)
      assert.equal(monitor.observe({ kind: "claim", claim: work(false).claim }), "normal");
  }
});

test("one that changed is watched within two hundred claims, and no number of claims does more than that", () => {
  const [monitor, work] = [createTaught(1), createWork(101)];
  const levels = Array.from({ length: 2_000 }, () =>
    monitor.observe({ kind: "claim", claim: work(true).claim }),
  );
  assert.ok(levels.indexOf("watch") < 200, `at ${levels.indexOf("watch")}`);
  assert.deepEqual(new Set(levels), new Set(["normal", "watch"]));
});

test("claims and probes together make it act, and nothing but opened probes convicts", () => {
  const [monitor, work] = [createTaught(2), createWork(102)];
  const levels = Array.from({ length: 1_000 }, () => {
    const { claim, isCorrect } = work(true);
    monitor.observe({ kind: "claim", claim });
    return monitor.observe({ kind: "probe", domain: claim.domain, isCorrect });
  });
  assert.equal(levels.at(-1), "act");
  let opened = 0;
  while (monitor.observe({ kind: "opened-probe", isCorrect: opened % 2 === 0 }) !== "convict") opened++;
  assert.ok(opened > 20 && opened < 80, `after ${opened}`);
});

test("no claims and no unopened probes, however bad, ever convict", () => {
  const observation = fc.oneof(
    fc.record({
      kind: fc.constant("probe" as const),
      domain: fc.constantFrom(...DOMAINS),
      isCorrect: fc.constant(false),
    }),
    fc.record({
      kind: fc.constant("claim" as const),
      claim: fc.record({
        domain: fc.constantFrom(...DOMAINS),
        options: fc.constant(2),
        answer: fc.constant(1),
        peers: fc.constant([
          { peer: "a", answer: 0 },
          { peer: "constructor", answer: 0 },
          { peer: "silent" },
        ]),
      }),
    }),
  );
  fc.assert(
    fc.property(fc.array(observation, { maxLength: 400 }), (observations) => {
      const monitor = new DriftMonitor({
        ...plan,
        learningClaims: 10,
        learningProbes: 0,
        domainClaimsMin: 0,
      });
      for (const each of observations) assert.notEqual(monitor.observe(each), "convict");
    }),
    { numRuns: 50 },
  );
});

test("while it learns it raises nothing, and then scores nothing in a domain it never met until it has learnt that", () => {
  const [monitor, work] = [new DriftMonitor(plan), createWork(3)];
  for (let claim = 0; claim < 999; claim++)
    assert.equal(monitor.observe({ kind: "claim", claim: work(true).claim }), "learning");
  assert.equal(monitor.observe({ kind: "claim", claim: work(true).claim }), "normal");
  for (let claim = 0; claim < plan.domainClaimsMin; claim++)
    monitor.observe({ kind: "claim", claim: { ...work(true).claim, domain: "chess" } });
  assert.equal(monitor.report().observations, 0);
  monitor.observe({ kind: "claim", claim: { ...work(true).claim, domain: "chess" } });
  assert.equal(monitor.report().observations, 1);
});

test("one worse probe never lowers the gold chart, nor a better one raises it", () => {
  const probe = (isCorrect: boolean): Observation => ({ kind: "probe", domain: "law", isCorrect });
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (answers) => {
      const gold = (last: boolean): number => {
        const monitor = new DriftMonitor({ ...plan, learningClaims: 0, learningProbes: 0 });
        for (const isCorrect of [...answers, last]) monitor.observe(probe(isCorrect));
        return monitor.report().gold;
      };
      assert.ok(gold(false) > gold(true));
    }),
  );
});

test("a restored monitor goes on as if nothing had happened; the same observations give the same bytes", () => {
  for (const learningClaims of [200, 1_000]) {
    const [one, other] = [
      new DriftMonitor({ ...plan, learningClaims }),
      new DriftMonitor({ ...plan, learningClaims }),
    ];
    const observations = listObservations(7, 600);
    for (const each of observations) assert.equal(one.observe(each), other.observe(each));
    const bytes = JSON.stringify(one.toState());
    assert.equal(JSON.stringify(other.toState()), bytes);
    const restored = DriftMonitor.restore({ ...plan, learningClaims }, JSON.parse(bytes) as MonitorState);
    assert.equal(JSON.stringify(restored.toState()), bytes);
    for (const each of listObservations(8, 300)) assert.equal(restored.observe(each), one.observe(each));
    assert.equal(JSON.stringify(restored.toState()), JSON.stringify(one.toState()));
    assert.notEqual(JSON.stringify(one.toState()), bytes);
  }
});

test("a state is a copy: what the monitor sees next does not reach into it", () => {
  const [monitor, work] = [createTaught(4), createWork(104)];
  const state = monitor.toState();
  const bytes = JSON.stringify(state);
  for (let claim = 0; claim < 50; claim++) monitor.observe({ kind: "claim", claim: work(true).claim });
  DriftMonitor.restore(plan, state).observe({ kind: "claim", claim: work(true).claim });
  assert.equal(JSON.stringify(state), bytes);
});

test("an incident that is closed starts the charts again, and leaves the test on probes alone", () => {
  const monitor = createTaught(5);
  for (let probe = 0; probe < 40; probe++)
    monitor.observe({ kind: "probe", domain: "law", isCorrect: false });
  monitor.observe({ kind: "opened-probe", isCorrect: false });
  assert.equal(monitor.level, "act");
  const { sprt } = monitor.report();
  monitor.acknowledge();
  assert.deepEqual(monitor.report(), {
    level: "normal",
    shift: 0,
    identity: 0,
    gold: 0,
    sprt,
    observations: 0,
  });
});

test("acting takes more than watching, and a larger family more than a smaller", () => {
  const thresholds = computeThresholds(plan);
  assert.ok(thresholds.act > thresholds.watch && thresholds.goldAct > thresholds.goldWatch);
  assert.ok(computeThresholds({ ...plan, familySize: 100 }).watch > thresholds.watch);
  assert.throws(() => computeThresholds({ ...plan, actArl0: 10 }), /rarer/);
});

test("answers that are none are a bug", () => {
  const observe = (claim: ClaimAnswers) => () => new DriftMonitor(plan).observe({ kind: "claim", claim });
  assert.throws(observe({ domain: "law", options: 1, peers: [] }), /options/);
  assert.throws(observe({ domain: "law", options: 2, answer: -1, peers: [] }), /not an answer/);
  assert.throws(observe({ domain: "law", options: 2, peers: [{ peer: "a", answer: 0.5 }] }), /not an answer/);
});

function listObservations(seed: number, claims: number): readonly Observation[] {
  const work = createWork(seed);
  return Array.from({ length: claims }).flatMap((_, at): Observation[] => {
    const { claim, isCorrect } = work(at > claims / 2);
    return [
      { kind: "claim", claim },
      { kind: "probe", domain: claim.domain, isCorrect },
      { kind: "opened-probe", isCorrect },
    ];
  });
}

test("reading the history more than once makes it no longer than it was", () => {
  const { weights } = createTaught(6).toState();
  assert.equal(
    weights.domains.reduce((sum, [, { claims }]) => sum + claims, 0),
    1_000,
  );
});

test("probes count as evidence only once enough of them were learnt from", () => {
  const monitor = new DriftMonitor({ ...plan, learningClaims: 0 });
  const wrong: Observation = { kind: "probe", domain: "law", isCorrect: false };
  for (let probe = 0; probe < plan.learningProbes; probe++) monitor.observe({ ...wrong, isCorrect: true });
  assert.equal(monitor.report().gold, 0);
  monitor.observe(wrong);
  assert.ok(monitor.report().gold > 0);
});
