import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Verdict } from "@mira/primitives";
import { listClaimIndexes, recombine, type Structure } from "../index.ts";
import { limitDepth } from "./recombine.ts";

const verdicts = fc.constantFrom<Verdict>("supported", "refuted", "unresolved");
const CLAIMS = 6;

const { structure } = fc.letrec<{ structure: Structure }>((tie) => ({
  structure: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.nat({ max: CLAIMS - 1 }).map((claim): Structure => ({ kind: "claim", claim })),
    fc.constant<Structure>({ kind: "open", reason: "left open" }),
    fc
      .tuple(
        fc.constantFrom("all" as const, "any" as const),
        fc.array(tie("structure"), { minLength: 1, maxLength: 4 }),
      )
      .map(([kind, parts]): Structure => ({ kind, parts })),
    tie("structure").map((part): Structure => ({
      kind: "within",
      scope: "condition",
      start: 0,
      end: 1,
      part,
    })),
  ),
}));
const assignments = fc.array(verdicts, { minLength: CLAIMS, maxLength: CLAIMS });

const OPPOSITE = { supported: "refuted", refuted: "supported", unresolved: "unresolved" } as const;

test("a structure cut to a depth leads to the same claims, is no deeper, and says nothing that it did not say before", () => {
  const depthOf = (of: Structure): number =>
    of.kind === "claim" || of.kind === "open"
      ? 1
      : 1 + Math.max(0, ...(of.kind === "within" ? [of.part] : of.parts).map(depthOf));
  fc.assert(
    fc.property(structure, assignments, fc.integer({ min: 3, max: 5 }), (whole, given, levels) => {
      const cut = limitDepth(whole, levels);
      assert.ok(depthOf(cut) <= levels);
      assert.deepEqual(new Set(listClaimIndexes(cut)), new Set(listClaimIndexes(whole)));
      const said = recombine(cut, given);
      assert.ok(said === "unresolved" || said === recombine(whole, given));
    }),
  );
});

test("what is known never changes when more becomes known", () => {
  fc.assert(
    fc.property(structure, assignments, fc.nat({ max: CLAIMS - 1 }), verdicts, (tree, known, at, verdict) => {
      fc.pre(known[at] === "unresolved");
      const before = recombine(tree, known);
      const after = recombine(tree, known.with(at, verdict));
      if (before !== "unresolved") assert.equal(after, before);
    }),
  );
});

test("De Morgan: turning every claim and every joint round turns the verdict round", () => {
  const turn = (tree: Structure): Structure => {
    if (tree.kind === "within") return { ...tree, part: turn(tree.part) };
    if (tree.kind === "all") return { kind: "any", parts: tree.parts.map(turn) };
    return tree.kind === "any" ? { kind: "all", parts: tree.parts.map(turn) } : tree;
  };
  fc.assert(
    fc.property(structure, assignments, (tree, known) => {
      const turned = recombine(
        turn(tree),
        known.map((verdict) => OPPOSITE[verdict]),
      );
      assert.equal(turned, OPPOSITE[recombine(tree, known)]);
    }),
  );
});

test("it is the truth-functional verdict whenever all is known", () => {
  const evaluate = (tree: Structure, known: readonly boolean[]): boolean => {
    if (tree.kind === "claim") return known[tree.claim] === true;
    if (tree.kind === "within") return evaluate(tree.part, known);
    if (tree.kind === "open") return assert.fail();
    const parts = tree.parts.map((part) => evaluate(part, known));
    return tree.kind === "all" ? parts.every(Boolean) : parts.some(Boolean);
  };
  const hasOpen = (tree: Structure): boolean => JSON.stringify(tree).includes('"open"');
  fc.assert(
    fc.property(
      structure,
      fc.array(fc.boolean(), { minLength: CLAIMS, maxLength: CLAIMS }),
      (tree, known) => {
        fc.pre(!hasOpen(tree));
        const found = recombine(
          tree,
          known.map((holds) => (holds ? "supported" : "refuted")),
        );
        assert.equal(found, evaluate(tree, known) ? "supported" : "refuted");
      },
    ),
  );
});

test("of nothing, of what is open and of a claim without a verdict nothing is said", () => {
  assert.equal(recombine({ kind: "all", parts: [] }, []), "unresolved");
  assert.equal(recombine({ kind: "any", parts: [] }, []), "unresolved");
  assert.equal(recombine({ kind: "claim", claim: 3 }, ["supported"]), "unresolved");
  const withOpen: Structure = {
    kind: "all",
    parts: [
      { kind: "claim", claim: 0 },
      { kind: "open", reason: "?" },
    ],
  };
  assert.equal(recombine(withOpen, ["supported"]), "unresolved");
  assert.equal(recombine(withOpen, ["refuted"]), "refuted");
});
