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
