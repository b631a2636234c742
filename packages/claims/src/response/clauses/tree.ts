/** What a sentence is taken apart into, before its words are written out as claims. */
import type { StructureScope } from "../../types.ts";
import { insertWord, type Word } from "../words.ts";

/** `isSide`: said in passing (in a relative clause, an apposition), outside of what governs the main clause. */
export type Leaf = {
  readonly kind: "leaf";
  /** What governs the clause and stands before it: "In 1990". */
  readonly front: readonly Word[];
  readonly words: readonly Word[];
  readonly isSide: boolean;
};

export type Tree =
  | Leaf
  | { readonly kind: "all" | "any"; readonly parts: readonly Tree[] }
  | {
      readonly kind: "within";
      readonly scope: StructureScope;
      readonly words: readonly Word[];
      readonly part: Tree;
    }
  | { readonly kind: "open"; readonly reason: string };

export function toLeaf(words: readonly Word[], isSide = false): Leaf {
  return { kind: "leaf", front: [], words, isSide };
}

/** All words of the claim, in order. */
export function listWords({ front, words }: Pick<Leaf, "front" | "words">): readonly Word[] {
  return front.length === 0 ? words : [...front, insertWord(",", "PUNCT"), ...words];
}

/** One part stands for itself; parts of the same kind are not nested. */
export function toTree(kind: "all" | "any", parts: readonly Tree[]): Tree {
  const flat = parts.flatMap((part) => (part.kind === kind ? part.parts : [part]));
  const [only] = flat;
  return flat.length === 1 && only !== undefined ? only : { kind, parts: flat };
}

export function mapLeaves(tree: Tree, change: (leaf: Leaf) => Tree): Tree {
  switch (tree.kind) {
    case "leaf":
      return change(tree);
    case "open":
      return tree;
    case "within":
      return { ...tree, part: mapLeaves(tree.part, change) };
    default:
      return toTree(
        tree.kind,
        tree.parts.map((part) => mapLeaves(part, change)),
      );
  }
}

export function listLeaves(tree: Tree): readonly Leaf[] {
  switch (tree.kind) {
    case "leaf":
      return [tree];
    case "open":
      return [];
    case "within":
      return listLeaves(tree.part);
    default:
      return tree.parts.flatMap(listLeaves);
  }
}
