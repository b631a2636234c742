/** A configuration is whole and frozen, or every reason why not is told. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as entries from "./entries.ts";
import { loadConfig } from "./load.ts";

const spec = {
  name: entries.text("NAME", { pattern: /^[a-z]+$/ }),
  port: entries.port("PORT"),
  wait: entries.durationMs("WAIT", { default: 250, max: 60_000 }),
  store: entries.url("STORE", { protocols: ["postgres"] }),
  mode: entries.oneOf("MODE", ["execute", "reexecute"], { default: "execute" }),
  peer: entries.optional(entries.target("PEER")),
  witnesses: entries.list("WITNESSES", { max: 2, default: [] }),
  strict: entries.flag("STRICT"),
};
const good = { NAME: "mira", PORT: "0", STORE: "postgres://user:secret@host/db" };

test("a good environment becomes a total, frozen object", () => {
  const loaded = loadConfig(spec, { ...good, WAIT: "2s", WITNESSES: "a, b", STRICT: "true" });
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.config, {
    name: "mira",
    port: 0,
    wait: 2000,
    store: good.STORE,
    mode: "execute",
    peer: undefined,
    witnesses: ["a", "b"],
    strict: true,
  });
  assert.ok(Object.isFrozen(loaded.config));
  assert.throws(() => Object.assign(loaded.config, { port: 1 }), TypeError);
});

test("every problem is reported at once, by the name of its variable", () => {
  const loaded = loadConfig(spec, {
    NAME: "M1",
    PORT: "70000",
    WAIT: "2 weeks",
    STORE: "mysql://user:secret@host/db",
    MODE: "verify",
    PEER: "nowhere",
    WITNESSES: "a,,b",
    STRICT: "maybe",
  });
  assert.ok(!loaded.ok);
  assert.deepEqual(
    loaded.problems.map((problem) => problem.split(":")[0]),
    ["NAME", "PORT", "WAIT", "STORE", "MODE", "PEER", "WITNESSES", "STRICT"],
  );
});

test("a URL that is refused is not shown: it may hold a password", () => {
  const loaded = loadConfig({ store: spec.store }, { STORE: "mysql://user:secret@host/db" });
  assert.ok(!loaded.ok);
  assert.doesNotMatch(loaded.problems.join(), /secret/);
});

test("an empty variable counts as absent", () => {
  assert.deepEqual(loadConfig({ name: spec.name, wait: spec.wait }, { NAME: " ", WAIT: "" }), {
    ok: false,
    problems: ["NAME: needed, and not set"],
  });
});

test("relations between entries are asserted, and say what must hold", () => {
  const window = { skew: entries.durationMs("SKEW"), challenge: entries.durationMs("CHALLENGE") };
  const relations = [
    {
      says: "the challenge window outlasts the clock skew",
      holds: (config: { skew: number; challenge: number }) => config.challenge > config.skew,
    },
  ];
  assert.deepEqual(loadConfig(window, { SKEW: "5s", CHALLENGE: "5s" }, relations), {
    ok: false,
    problems: ["the challenge window outlasts the clock skew"],
  });
  assert.ok(loadConfig(window, { SKEW: "5s", CHALLENGE: "6s" }, relations).ok);
});

test("durations: the units, the limits, and what is none", () => {
  const parse = (text: string) =>
    loadConfig({ wait: entries.durationMs("WAIT", { max: 100_000_000 }) }, { WAIT: text });
  for (const [text, wait] of [
    ["7", 7],
    ["7ms", 7],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["1d", 86_400_000],
  ] as const)
    assert.deepEqual(parse(text), { ok: true, config: { wait } });
  for (const text of ["-1", "1.5s", "1w", "s", "2d", "1e3"]) assert.ok(!parse(text).ok, text);
});

test("a seed file must hold 64 hexadecimal digits, and its content is never shown", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "mira-seed-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "key");
  const load = () => loadConfig({ seed: entries.seedFile("KEY") }, { KEY: path });
  const missing = load();
  assert.ok(!missing.ok);
  assert.match(missing.problems[0] ?? "", /readable file/);
  writeFileSync(path, "beef\n");
  const short = load();
  assert.ok(!short.ok);
  assert.doesNotMatch(short.problems.join(), /beef/);
  writeFileSync(path, `${"ab".repeat(32)}\n`);
  const loaded = load();
  assert.ok(loaded.ok);
  assert.deepEqual([...loaded.config.seed], new Array(32).fill(0xab));
});
