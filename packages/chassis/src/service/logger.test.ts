/** What a log line holds, and what it never holds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "./logger.ts";

function logOnce(fields: object): Record<string, unknown> {
  const lines: string[] = [];
  const logger = createLogger(
    { service: "test", version: "1.2.3", level: "info" },
    { write: (line) => lines.push(line) },
  );
  logger.info(fields, "hello");
  logger.debug("never");
  assert.equal(lines.length, 1);
  return JSON.parse(lines[0] ?? "") as Record<string, unknown>;
}

test("a line says who, when, how grave and what", () => {
  const line = logOnce({ batchNumber: 7 });
  assert.deepEqual(Object.keys(line), ["level", "time", "service", "version", "batchNumber", "message"]);
  assert.equal(line["level"], "info");
  assert.equal(line["message"], "hello");
});

test("secrets are cut out, also one level down", () => {
  const line = JSON.stringify(logOnce({ seed: "s1", config: { databaseUrl: "s2", password: "s3" } }));
  assert.doesNotMatch(line, /s1|s2|s3/);
});

test("an error keeps its stack and its cause", () => {
  const line = logOnce({ error: new Error("outer", { cause: new Error("inner") }) });
  assert.match(JSON.stringify(line["error"]), /outer.*inner/);
});
