/** The page of refusal codes is generated, and current. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readErrorsPage, renderErrorsPage } from "../../tools/generate-errors.ts";

test("docs/errors.md is what the registry of refusal codes generates", async () => {
  assert.equal(readErrorsPage(), await renderErrorsPage(), "run: node tools/generate-errors.ts");
});
