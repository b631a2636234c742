/** Spending on disk: a restart does not begin a new budget. */
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { InvariantViolation } from "@mira/primitives";
import type { Spending, SpendingStore } from "./budget.ts";

/** Throws on a file that it cannot read: a budget that is not known is not taken for an empty one. */
export function openSpendingFile(path: string): SpendingStore {
  return {
    async read() {
      const text = await readFile(path, "utf8").catch((error: unknown) => {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      });
      return text === undefined ? undefined : parseSpending(text, path);
    },
    async write({ windowStartedAt, tokens, nanos }) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const file = await open(`${path}.new`, "w", 0o600);
      try {
        await file.writeFile(JSON.stringify({ windowStartedAt, tokens, nanos: String(nanos) }));
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
    },
  };
}

/** For tests, and for models that cost nothing. */
export function createSpendingMemory(): SpendingStore {
  let kept: Spending | undefined;
  return {
    read: () => Promise.resolve(kept),
    write: (spending) => {
      kept = spending;
      return Promise.resolve();
    },
  };
}

function parseSpending(text: string, path: string): Spending {
  const fields = /^\{"windowStartedAt":(\d{1,15}),"tokens":(\d{1,15}),"nanos":"(\d{1,30})"\}$/.exec(
    text.trim(),
  );
  if (fields === null) throw new InvariantViolation(`the record of spending is damaged: ${path}`);
  const [, startedAt = "", tokens = "", nanos = ""] = fields;
  return { windowStartedAt: Number(startedAt), tokens: Number(tokens), nanos: BigInt(nanos) };
}
