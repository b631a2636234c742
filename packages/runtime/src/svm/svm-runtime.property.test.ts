/** Execution is a pure function: however a batch is cut, whoever runs the pieces, the bytes are those of one serial run. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { createResidentSvm, createSvmRuntime } from "./index.ts";
import { execute, fingerprint, runPartitioned, seal } from "../../test/svm-ledger.ts";
import { createRecord, createWorld, HEADER, KINDS, type Choice } from "../../test/svm-scenario.ts";

const RUNS = Number(process.env["MIRA_PROPERTY_RUNS"] ?? 60);
const world = await createWorld();
/** Reused by every run of every property: what an earlier, often failing, transaction left behind would show. */
const warm = [createSvmRuntime(), createSvmRuntime()];

const choices: fc.Arbitrary<Choice[]> = fc.array(
  fc.record({
    kind: fc.nat(KINDS - 1),
    from: fc.nat(5),
    to: fc.nat(8),
    amount: fc.nat(1500),
    tag: fc.nat(3), // few tags: the same transaction twice happens
  }),
  { minLength: 1, maxLength: 40 },
);

async function sealChoices(list: Choice[]): Promise<ReturnType<typeof seal>> {
  return seal(await Promise.all(list.map(createRecord)), HEADER, 7);
}

test("#1 Base 2026-06, #8 agave PR 3146: any valid partitioning, on any warm executors, gives the bytes of one serial run in a new VM", async () => {
  await fc.assert(
    fc.asyncProperty(choices, fc.infiniteStream(fc.nat(3)), async (list, random) => {
      const batch = await sealChoices(list);
      const serial = execute(createSvmRuntime(), batch.header, batch.transactions, new Map(world));
      const draw = (): number => Number(random.next().value);
      const partitioned = runPartitioned({
        batch,
        state: new Map(world),
        runtimeFor: () => (draw() % 2 === 0 ? warm[0] : warm[1]) ?? createSvmRuntime(),
        choose: (lowest) => lowest + (draw() % 3),
      });
      assert.equal(fingerprint(partitioned), fingerprint(serial));
      await setImmediate();
    }),
    { numRuns: RUNS },
  );
});

test("the resident VM of a re-executor gives the same bytes, batch after batch", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(choices, { minLength: 2, maxLength: 5 }), async (batches) => {
      const resident = createResidentSvm();
      resident.load([...world].map(([key, value]) => ({ key, value })));
      const state = new Map(world);
      for (const [index, list] of batches.entries()) {
        const sealed = await sealChoices(list);
        const header = { slot: HEADER.slot + index, unixTimestamp: HEADER.unixTimestamp };
        const expected = runPartitioned({
          batch: {
            ...sealed,
            header: { ...sealed.header, slot: (sealed.header.slot + index) as typeof sealed.header.slot },
          },
          state,
          runtimeFor: () => warm[0] ?? createSvmRuntime(),
          choose: () => 0,
        });
        assert.equal(
          fingerprint(await resident.executeWithPauses(header, sealed.transactions)),
          fingerprint(expected),
        );
      }
      await setImmediate();
    }),
    { numRuns: Math.ceil(RUNS / 3) },
  );
});

test("the scenarios reach every outcome: succeeded, failed with a fee, no-op", async () => {
  const list = fc.sample(choices, { numRuns: 30, seed: 11 }).flat();
  const batch = await sealChoices(list);
  const { receipts } = execute(
    warm[0] ?? createSvmRuntime(),
    batch.header,
    batch.transactions,
    new Map(world),
  );
  const counts = [0, 1, 2].map((status) => receipts.filter((receipt) => receipt.status === status).length);
  assert.ok(
    counts.every((count) => count > list.length / 20),
    `of ${list.length}: ${counts.join(" / ")}`,
  );
});
