import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  hashLeaf,
  listConsistencyNodes,
  listInclusionNodes,
  listRootNodes,
  LogTree,
  verifyConsistency,
  verifyInclusion,
} from "@mira/merkle";
import { checkHead, computeStoredRoot, planAppend } from "./audit-log.ts";

type Get = (level: number, index: number) => Uint8Array | undefined;

/** What a store is left with that keeps exactly the nodes it is handed, and hands out exactly those it is asked for. */
class NodeStore {
  readonly nodes = new Map<string, Uint8Array>();
  size = 0;

  append(entries: readonly Uint8Array[]): void {
    const plan = planAppend(this.only(listRootNodes(this.size)), this.size, entries.map(hashLeaf));
    assert.equal(plan.firstIndex, this.size);
    for (const { level, index, hash } of plan.nodes) {
      assert.ok(!this.nodes.has(`${level}/${index}`), "a node is stored once");
      this.nodes.set(`${level}/${index}`, hash);
    }
    this.size = plan.size;
  }

  only(wanted: ReadonlyArray<{ level: number; index: number }>): Get {
    const names = new Set(wanted.map(({ level, index }) => `${level}/${index}`));
    return (level, index) =>
      names.has(`${level}/${index}`) ? this.nodes.get(`${level}/${index}`) : undefined;
  }
}

function reader(get: Get, size: number): LogTree {
  return new LogTree({ get, put: () => assert.fail("a proof writes nothing") }, size);
}

test("property: however entries are batched, every entry and every earlier head is proved from the stored nodes", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }), (chunks) => {
      const store = new NodeStore();
      const heads: Array<{ size: number; root: Uint8Array }> = [];
      for (const count of chunks) {
        store.append(Array.from({ length: count }, (_, at) => Buffer.from(`entry ${store.size + at}`)));
        heads.push({
          size: store.size,
          root: computeStoredRoot(store.only(listRootNodes(store.size)), store.size),
        });
      }
      const newest = heads.at(-1);
      assert.ok(newest !== undefined);
      for (let index = 0; index < newest.size; index++) {
        const path = reader(store.only(listInclusionNodes(index, newest.size)), newest.size).inclusionPath(
          index,
        );
        const leafHash = hashLeaf(Buffer.from(`entry ${index}`));
        assert.ok(verifyInclusion({ leafHash, index, treeSize: newest.size, path, root: newest.root }));
      }
      for (const { size, root } of heads) {
        const path = reader(store.only(listConsistencyNodes(size, newest.size)), newest.size).consistencyPath(
          size,
        );
        assert.ok(
          verifyConsistency({
            oldSize: size,
            newSize: newest.size,
            oldRoot: root,
            newRoot: newest.root,
            path,
          }),
        );
      }
    }),
    { numRuns: 60 },
  );
});

test("a head is signed only when it extends what was signed", () => {
  const root = new Uint8Array(32).fill(1);
  const signed = { size: 7, root };
  assert.ok(checkHead({ size: 7, root }, undefined).ok);
  assert.ok(checkHead({ size: 8, root: new Uint8Array(32) }, signed).ok);
  assert.ok(checkHead({ size: 7, root }, signed).ok);
  for (const head of [
    { size: 6, root },
    { size: 0, root: new Uint8Array(32) },
    { size: 7, root: new Uint8Array(32) },
  ]) {
    const checked = checkHead(head, signed);
    assert.ok(!checked.ok);
    assert.equal(checked.code, "PROOF_INVALID");
  }
});
