/** Reading /proc: fields behind an awkward name, and a process that burns a known amount. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { parseStat, perTransaction, readCpu, readMemoryMb } from "./process-cpu.ts";

test("the fields are found behind a name with spaces and brackets", () => {
  const text = "42 (a) b (c)) S 7 42 42 0 -1 4194304 100 0 0 0 150 50 30 20 20 0 11 0 1 2 3";
  assert.deepEqual(parseStat(text), { parent: 7, ownUs: 2_000_000, endedChildrenUs: 500_000 });
  assert.equal(parseStat(""), undefined);
});

test("work of this process shows, and a process that is gone reads 0", { skip: !existsSync("/proc") }, () => {
  const processes = [
    { name: "own", pid: process.pid },
    { name: "gone", pid: 0x7fffffff },
  ];
  const before = readCpu(processes);
  const usedBefore = process.cpuUsage();
  const until = performance.now() + 300;
  while (performance.now() < until);
  const used = process.cpuUsage(usedBefore);
  const perOne = perTransaction(before, readCpu(processes), 1);
  const expected = used.user + used.system;
  assert.ok(expected > 0);
  assert.ok(Math.abs((perOne["own"] ?? 0) - expected) <= 40_000, `${perOne["own"]} us, ${expected} expected`);
  assert.equal(perOne["gone"], 0);
  assert.ok(readMemoryMb(process.pid) > 10);
});
