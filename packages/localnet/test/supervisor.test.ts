/** A service that dies comes back where it was, one that never serves says why, and what is stopped is gone. */
import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ServiceFailed, type Supervised } from "@mira/localnet";
import { supervise } from "../src/supervisor.ts";

const ENTRY = join(import.meta.dirname, "tiny-service.fixture.ts");

type Watched = { readonly notices: string[]; readonly lines: string[] };

async function start(context: TestContext, env: Record<string, string> = {}): Promise<Supervised & Watched> {
  const notices: string[] = [];
  const lines: string[] = [];
  const service = await supervise(
    { name: "tiny", entry: ENTRY, env },
    { notice: (line) => notices.push(line), log: (_service, line) => lines.push(line) },
  );
  context.after(() => service.stop());
  return { ...service, notices, lines };
}

async function until(probe: () => boolean): Promise<void> {
  for (let waited = 0; !probe(); waited += 20) {
    assert.ok(waited < 10_000, "it did not come true within 10 s");
    await sleep(20);
  }
}

async function answers(address: string): Promise<boolean> {
  return fetch(`http://${address}`).then(
    () => true,
    () => false,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("a service that dies is started again with a notice, at the same addresses", async (context) => {
  const service = await start(context);
  const { address, adminAddress } = service;
  const first = service.pid();
  service.kill("SIGKILL");
  await until(() => service.notices.some((line) => line.includes("serves again")));
  assert.deepEqual(service.notices, ["tiny died (by a signal); starting it again", "tiny serves again"]);
  assert.notEqual(service.pid(), first);
  assert.equal(service.restarts(), 1);
  assert.ok(await answers(address));
  assert.ok(await answers(adminAddress));
});

test("a service that never serves fails with its last words", async (context) => {
  await assert.rejects(start(context, { TINY_BEHAVIOUR: "refuse" }), (error) => {
    assert.ok(error instanceof ServiceFailed);
    assert.match(error.message, /^tiny ended before it served\n/);
    assert.match(error.message, /MIRA_NATS_URL: needed, and not set$/);
    return true;
  });
});

test("a stop is asked for, waited for, and not undone", async (context) => {
  const service = await start(context);
  const pid = service.pid();
  await service.stop();
  assert.equal(isAlive(pid), false);
  assert.ok(service.lines.includes("draining"), "it was asked, not killed");
  assert.equal(await answers(service.address), false);
  await sleep(400);
  assert.deepEqual(service.notices, []);
  assert.equal(await answers(service.address), false);
  await service.stop();
});

test("a stop while a restart is awaited leaves nothing running", async (context) => {
  const service = await start(context);
  service.kill("SIGKILL");
  await until(() => service.notices.length === 1);
  await service.stop();
  await sleep(400);
  assert.equal(service.restarts(), 0);
  assert.equal(await answers(service.address), false);
});

test("a service gets its own settings and none of the developer's", async (context) => {
  process.env["MIRA_LEAKED"] = "1";
  context.after(() => {
    delete process.env["MIRA_LEAKED"];
  });
  const service = await start(context, { MIRA_GIVEN: "1" });
  const settings = service.lines.find((line) => line.startsWith("settings ")) ?? "";
  assert.match(settings, /MIRA_GIVEN/);
  assert.match(settings, /PATH/);
  assert.doesNotMatch(settings, /MIRA_LEAKED/);
});

test("many services warn of no leaking listeners", async (context) => {
  const warnings: string[] = [];
  const hear = (warning: Error): number => warnings.push(warning.message);
  process.on("warning", hear);
  context.after(() => process.off("warning", hear));
  const before = process.listenerCount("exit");
  const services: Supervised[] = [];
  for (let wave = 0; wave < 4; wave++)
    services.push(...(await Promise.all([1, 2, 3].map(() => start(context)))));
  assert.ok(process.listenerCount("exit") <= before + 1, "one listener serves all");
  await Promise.all(services.map((service) => service.stop()));
  assert.equal(process.listenerCount("exit"), before);
  await sleep(10);
  assert.deepEqual(warnings, []);
});
