/** Sentences, claims and the structure between them, as messages. */
import { verifier } from "@mira/api";
import type { ClaimPiece, Structure, StructureScope } from "@mira/claims";
import { leaveOpen } from "@mira/claims/structure";
import { InvariantViolation, unreachable, type Verdict } from "@mira/primitives";
import type { AccountedSentence, DecomposedBy, VerifiedClaim } from "../domain/verification.ts";
import { toVerdictMessage } from "./verification-messages.ts";

const KINDS = {
  claim: verifier.SentenceKind.CLAIM,
  "not-checkable": verifier.SentenceKind.NOT_CHECKABLE,
  ambiguous: verifier.SentenceKind.AMBIGUOUS,
} as const satisfies Record<AccountedSentence["kind"], verifier.SentenceKind>;

/** The verdict is told when the claims' are. */
export function toSentenceMessage(
  { start, end, kind, category, reason, structure }: AccountedSentence,
  verdict?: Verdict,
): verifier.Sentence {
  return {
    start,
    end,
    kind: KINDS[kind],
    category,
    reason,
    structure: structure && toStructureMessage(structure),
    verdict: verdict === undefined ? verifier.Verdict.UNSPECIFIED : toVerdictMessage(verdict),
  };
}

export function toClaimMessage({ pieces, claimId, text, start, end }: VerifiedClaim): verifier.Claim {
  return { claimId, text, start, end, pieces: pieces.map(toPieceMessage) };
}

export function toDecomposerMessage({ id, model = "", note = "" }: DecomposedBy): verifier.DecomposerRun {
  return { id, model, note };
}

/** Events of before it was recorded are of the rules. */
export function fromDecomposerMessage(message: verifier.DecomposerRun | undefined): DecomposedBy {
  const { id, model, note } = message ?? { id: "rules@0", model: "", note: "" };
  return { id, ...(model === "" ? {} : { model }), ...(note === "" ? {} : { note }) };
}

/** In events of before there were pieces, a claim is the stretch that it stands in. */
export function fromClaimMessage({ pieces, ...claim }: verifier.Claim): VerifiedClaim {
  const { start, end } = claim;
  return { ...claim, pieces: pieces.length === 0 ? [{ start, end }] : pieces.map(fromPieceMessage) };
}

export function fromSentenceMessages(
  sentences: readonly verifier.Sentence[],
  claims: readonly VerifiedClaim[],
): readonly AccountedSentence[] {
  return sentences.map((sentence) => {
    const { start, end, reason } = sentence;
    const kind = fromKindMessage(sentence.kind);
    const category = sentence.category === "" ? "unrecorded" : sentence.category;
    const recorded = sentence.structure && fromStructureMessage(sentence.structure);
    const structure = kind === "not-checkable" ? undefined : (recorded ?? guess(sentence, claims));
    return { start, end, kind, category, reason, structure };
  });
}

function fromKindMessage(kind: verifier.SentenceKind): AccountedSentence["kind"] {
  if (kind === verifier.SentenceKind.CLAIM) return "claim";
  return kind === verifier.SentenceKind.AMBIGUOUS ? "ambiguous" : "not-checkable";
}

/** Of before structures were recorded: one claim was the whole sentence, and how several are joined is not known. */
function guess({ start, end, reason }: verifier.Sentence, claims: readonly VerifiedClaim[]): Structure {
  const own = claims.flatMap((claim, index) => (claim.start >= start && claim.start < end ? [index] : []));
  const [only, ...others] = own;
  if (only === undefined) return { kind: "open", reason };
  return others.length === 0
    ? { kind: "claim", claim: only }
    : leaveOpen(own, "how its claims are joined was not recorded");
}

function toPieceMessage(piece: ClaimPiece): verifier.ClaimPiece {
  return "insert" in piece
    ? { piece: { $case: "insert", value: piece.insert } }
    : { piece: { $case: "span", value: { start: piece.start, end: piece.end } } };
}

function fromPieceMessage({ piece }: verifier.ClaimPiece): ClaimPiece {
  switch (piece?.$case) {
    case "insert":
      return { insert: piece.value };
    case "span":
      return { start: piece.value.start, end: piece.value.end };
    case undefined:
      throw new InvariantViolation("a piece of a claim is a stretch or what was put in");
  }
}

function toStructureMessage(structure: Structure): verifier.Structure {
  switch (structure.kind) {
    case "claim":
      return { form: { $case: "claim", value: structure.claim } };
    case "open":
      return { form: { $case: "open", value: structure.reason } };
    case "all":
    case "any":
      return { form: { $case: structure.kind, value: { parts: structure.parts.map(toStructureMessage) } } };
    case "within": {
      const { scope, start, end, part } = structure;
      return { form: { $case: "within", value: { scope, start, end, part: toStructureMessage(part) } } };
    }
    default:
      return unreachable(structure);
  }
}

function fromStructureMessage({ form }: verifier.Structure): Structure {
  switch (form?.$case) {
    case "claim":
      return { kind: "claim", claim: form.value };
    case "open":
      return { kind: "open", reason: form.value };
    case "all":
    case "any":
      return { kind: form.$case, parts: form.value.parts.map(fromStructureMessage) };
    case "within": {
      const { scope, start, end, part } = form.value;
      if (part === undefined) throw new InvariantViolation("words of a structure govern something");
      return { kind: "within", scope: scope as StructureScope, start, end, part: fromStructureMessage(part) };
    }
    case undefined:
      throw new InvariantViolation("a structure is of a known kind");
  }
}
