/** Reads a sentence of a statement: what it is, and how it follows from its claims. */
import type { Structure } from "@mira/claims";
import { STRUCTURE_DEPTH_MAX } from "@mira/claims/structure";
import { ShapeError, type ObjectReader } from "../json/object-reader.ts";
import { readSpan, VERDICTS } from "./decode-claim.ts";
import { CATEGORY, CLAIMS_MAX, TEXT_MAX } from "./rules.ts";
import type { CertificateSentence } from "./types.ts";

const SCOPES = ["condition", "circumstance", "attribution", "negation", "list-head", "quotation"] as const;

export function readSentence(reader: ObjectReader): CertificateSentence {
  const structure = reader.optional("structure", (key) =>
    reader.object(key, (inner) => readStructure(inner, STRUCTURE_DEPTH_MAX)),
  );
  const verdict = reader.optional("verdict", (key) => reader.oneOf(key, VERDICTS));
  return {
    ...readSpan(reader),
    kind: reader.oneOf("kind", ["claim", "not-checkable", "ambiguous"]),
    category: reader.text("category", CATEGORY),
    reason: reader.text("reason", TEXT_MAX),
    ...(structure === undefined ? {} : { structure }),
    ...(verdict === undefined ? {} : { verdict }),
  };
}

function readStructure(reader: ObjectReader, levels: number): Structure {
  if (levels === 0) throw new ShapeError(reader.path, `it has more than ${STRUCTURE_DEPTH_MAX} levels`);
  const kind = reader.oneOf("kind", ["claim", "open", "within", "all", "any"]);
  switch (kind) {
    case "claim":
      return { kind, claim: reader.integer("claim", { min: 0, max: CLAIMS_MAX - 1 }) };
    case "open":
      return { kind, reason: reader.text("reason", TEXT_MAX) };
    case "within":
      return {
        kind,
        scope: reader.oneOf("scope", SCOPES),
        ...readSpan(reader),
        part: reader.object("part", (part) => readStructure(part, levels - 1)),
      };
    default:
      return {
        kind,
        parts: reader.list("parts", { max: CLAIMS_MAX }, (part) => readStructure(part, levels - 1)),
      };
  }
}
