import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import {
  computeBernoulliArl,
  computeExpectedProbes,
  DEFAULT_MONITOR_PLAN,
  designBernoulliCusum,
  DriftMonitor,
  selectSuspects,
  updateBernoulliCusum,
  type MonitorState,
  type Observation,
} from "./index.ts";

/** The lines between `region NAME` and `endregion` of this file, without indentation. */
async function readRegion(name: string): Promise<string> {
  const source = await readFile(import.meta.filename, "utf8");
  const [, after = ""] = source.split(`// region ${name}\n`);
  return (after.split("// endregion")[0] ?? "").replaceAll(/^ {2}/gm, "").trim();
}

test("a chart is designed, judged and run as the README says", () => {
  const errors = [false, true, true, true, true, true, true, true];
  // region chart
  const chart = designBernoulliCusum({ p0: 0.1, p1: 0.2, arl0: 1_000 }); // m = 7, limit = 31 (h = 4.43)
  computeBernoulliArl(chart, 0.1); // 1,044 observations to a false alarm
  computeBernoulliArl(chart, 0.2); // 63 to the alarm that was wanted
  computeBernoulliArl(chart, 0.3); // 27 for a larger change

  let step = { sum: 0, alarm: false };
  for (const isError of errors) step = updateBernoulliCusum(chart, step.sum, isError);
  // endregion
  assert.deepEqual([chart.m, chart.limit], [7, 31]);
  assert.deepEqual(
    [0.1, 0.2, 0.3].map((rate) => Math.round(computeBernoulliArl(chart, rate))),
    [1044, 63, 27],
  );
  assert.equal(step.alarm, true);
});

test("a monitor is made, asked and kept as the README says", () => {
  const history: Observation[] = [];
  const claim = { domain: "law", options: 2, answer: 1, peers: [{ peer: "v1", answer: 1 }, { peer: "v2" }] };
  // region monitor
  const plan = {
    ...DEFAULT_MONITOR_PLAN,
    familySize: 100,
    sprt: { ...DEFAULT_MONITOR_PLAN.sprt, honestAccuracy: 0.9 },
  };
  const monitor = DriftMonitor.fromHistory(plan, history); // oldest first; or new DriftMonitor(plan), which learns as it goes

  monitor.observe({ kind: "claim", claim }); // after the reveal: its answer and its peers' answers
  monitor.observe({ kind: "probe", domain: "law", isCorrect: true }); // the network scored a probe
  const level = monitor.observe({ kind: "opened-probe", isCorrect: true }); // its truth was opened, for anyone to check

  const bytes = JSON.stringify(monitor.toState());
  const restored = DriftMonitor.restore(plan, JSON.parse(bytes) as MonitorState);
  computeExpectedProbes(plan.sprt); // { toConvict: 17.7, toClear: 12.5 }

  const { shift, identity, observations } = restored.report();
  selectSuspects([{ validator: "v7", sum: Math.max(shift, identity), observations }], 0.1); // over all validators
  // endregion
  assert.equal(level, "normal");
  assert.equal(JSON.stringify(restored.toState()), bytes);
  assert.equal(computeExpectedProbes(plan.sprt).toConvict.toFixed(1), "17.7");
});

test("the README shows these very lines", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  for (const name of ["chart", "monitor"])
    assert.ok(readme.includes(await readRegion(name)), `region ${name} differs`);
});
