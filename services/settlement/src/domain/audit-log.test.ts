/** The audit log's head: what may be signed beside what was signed before, and that stored nodes give the tree's root. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { computeRoot, hashLeaf, listRootNodes } from "@mira/merkle";
import { bytesEqual } from "@mira/primitives";
import { checkHead, computeStoredRoot, planAppend } from "./audit-log.ts";

const root = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

test("the first head may be signed, and so may one that grew", () => {
  assert.ok(checkHead({ size: 1, root: root(1) }, undefined).ok);
  assert.ok(checkHead({ size: 2, root: root(2) }, { size: 1, root: root(1) }).ok);
  assert.ok(checkHead({ size: 1, root: root(1) }, { size: 1, root: root(1) }).ok);
});

test("#25 trillian 600, tessera: a log that came back smaller, or different at its size, is never signed", () => {
  const signed = { size: 5, root: root(5) };
  for (const head of [
    { size: 4, root: root(4) },
    { size: 0, root: root(0) },
    { size: 5, root: root(6) },
  ]) {
    const checked = checkHead(head, signed);
    assert.equal(checked.ok ? "signed" : checked.code, "PROOF_INVALID");
  }
});

test("however entries arrive in groups, the stored nodes give the root of all leaves", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.uint8Array({ maxLength: 8 }), { maxLength: 9 }), { maxLength: 9 }),
      (groups) => {
        const stored = new Map<string, Uint8Array>();
        const get = (level: number, index: number): Uint8Array | undefined => stored.get(`${level}/${index}`);
        let size = 0;
        for (const group of groups) {
          const plan = planAppend(get, size, group);
          assert.equal(plan.firstIndex, size);
          for (const { level, index, hash } of plan.nodes) stored.set(`${level}/${index}`, hash);
          size = plan.size;
        }
        const leaves = groups.flat().map(hashLeaf);
        assert.equal(size, leaves.length);
        assert.ok(listRootNodes(size).every(({ level, index }) => stored.has(`${level}/${index}`)));
        assert.ok(bytesEqual(computeStoredRoot(get, size), computeRoot(leaves)));
      },
    ),
  );
});
