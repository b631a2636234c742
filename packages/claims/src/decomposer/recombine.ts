/** Verdicts on claims -> the verdict on the sentence or response they came from, by Kleene's strong three-valued logic. */
import { unreachable, type Verdict } from "@mira/primitives";
import type { Structure } from "../types.ts";

/**
 * `verdicts[i]` is that of claim i; one that is absent is unresolved. "All" is refuted by one refuted part and supported by supported parts
 * alone; "any" the other way round. Of no parts at all nothing can be said.
 */
export function recombine(structure: Structure, verdicts: readonly (Verdict | undefined)[]): Verdict {
  switch (structure.kind) {
    case "claim":
      return verdicts[structure.claim] ?? "unresolved";
    case "open":
      return "unresolved";
    case "within":
      return recombine(structure.part, verdicts);
    case "all":
      return join(structure.parts, verdicts, "refuted", "supported");
    case "any":
      return join(structure.parts, verdicts, "supported", "refuted");
    default:
      return unreachable(structure);
  }
}

/** `decisive` in one part decides; `common` must hold in all. */
function join(
  parts: readonly Structure[],
  verdicts: readonly (Verdict | undefined)[],
  decisive: Verdict,
  common: Verdict,
): Verdict {
  const found = parts.map((part) => recombine(part, verdicts));
  if (found.includes(decisive)) return decisive;
  return found.length > 0 && found.every((verdict) => verdict === common) ? common : "unresolved";
}

/** Indexes of the claims below, in order. */
export function listClaimIndexes(structure: Structure): readonly number[] {
  switch (structure.kind) {
    case "claim":
      return [structure.claim];
    case "open":
      return [];
    case "within":
      return listClaimIndexes(structure.part);
    default:
      return structure.parts.flatMap(listClaimIndexes);
  }
}

/** Deeper is nothing that a sentence says; readers of certificates hold it to be hostile. */
export const STRUCTURE_DEPTH_MAX = 24;

/** The same structure, in which whatever lies too deep is left open. */
export function limitDepth(structure: Structure, levels = STRUCTURE_DEPTH_MAX): Structure {
  switch (structure.kind) {
    case "claim":
    case "open":
      return structure;
    case "within":
      return levels > LEFT_OPEN_LEVELS
        ? { ...structure, part: limitDepth(structure.part, levels - 1) }
        : leaveOpen(listClaimIndexes(structure), "it is too deeply nested");
    default:
      return levels > LEFT_OPEN_LEVELS
        ? { ...structure, parts: structure.parts.map((part) => limitDepth(part, levels - 1)) }
        : leaveOpen(listClaimIndexes(structure), "it is too deeply nested");
  }
}

const LEFT_OPEN_LEVELS = 3;

/** Leads to these claims and stays unresolved whatever they are: neither all of them, nor one, is known to be enough. */
export function leaveOpen(claims: readonly number[], reason: string): Structure {
  const open: Structure = { kind: "open", reason };
  const parts = claims.map((claim): Structure => ({ kind: "claim", claim }));
  return { kind: "any", parts: [{ kind: "all", parts: [...parts, open] }, open] };
}
