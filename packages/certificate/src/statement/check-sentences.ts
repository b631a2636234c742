/** Whether every sentence is accounted for: its claims are its own, made of what it says, and its verdict follows from theirs. */
import { INSERTABLE, renderPieces } from "@mira/claims/pieces";
import { listClaimIndexes } from "@mira/claims/structure";
import { refusePart, type CertificateRefusal } from "../part.ts";
import { digest } from "./create.ts";
import { recombineSentences } from "./sentence-verdicts.ts";
import type { CertificateClaim, CertificateSentence, Statement, VerificationPredicate } from "./types.ts";

const PREDICATE = "statement.predicate";
/** What this decomposer puts between words of the response is one of a closed list. */
const RULES = /^rules@/;

export function refuseSentences(predicate: VerificationPredicate): CertificateRefusal | undefined {
  const { sentences, claims } = predicate;
  const unordered = sentences.findIndex(
    ({ start, end }, index) => start >= end || start < (sentences[index - 1]?.end ?? 0),
  );
  if (unordered >= 0)
    return refusePart(
      `${PREDICATE}.sentences[${unordered}]`,
      "sentences follow one another and do not overlap",
    );
  const homes = claims.map(({ start, end }) =>
    start >= end
      ? -1
      : sentences.findIndex((one) => one.kind === "claim" && one.start <= start && end <= one.end),
  );
  const homeless = homes.indexOf(-1);
  if (homeless >= 0)
    return refusePart(`${PREDICATE}.claims[${homeless}]`, "it stands in no sentence that makes a claim");
  return (
    refuseStructures(sentences, homes) ?? refusePieces(predicate, homes) ?? refuseRecombination(predicate)
  );
}

/** A structure leads to all claims of its sentence, and to no others. */
function refuseStructures(
  sentences: readonly CertificateSentence[],
  homes: readonly number[],
): CertificateRefusal | undefined {
  const own = sentences.map((): number[] => []);
  for (const [claim, home] of homes.entries()) own[home]?.push(claim);
  for (const [index, { kind, structure }] of sentences.entries()) {
    const part = `${PREDICATE}.sentences[${index}].structure`;
    if ((structure === undefined) !== (kind === "not-checkable"))
      return refusePart(part, "what is checkable has one, and nothing else has");
    const named = new Set(structure === undefined ? [] : listClaimIndexes(structure));
    const needed = own[index] ?? [];
    if (named.size !== needed.length || !needed.every((claim) => named.has(claim)))
      return refusePart(part, "it does not lead to the claims of its sentence", { needed: needed.join(" ") });
  }
  return undefined;
}

function refusePieces(
  { claims, sentences, decomposer }: VerificationPredicate,
  homes: readonly number[],
): CertificateRefusal | undefined {
  const isClosed = RULES.test(decomposer.id);
  for (const [index, claim] of claims.entries()) {
    const problem = findPieceProblem(claim, sentences[homes[index] ?? -1], isClosed);
    if (problem !== undefined) return refusePart(`${PREDICATE}.claims[${index}].pieces`, problem);
  }
  return undefined;
}

function findPieceProblem(
  { pieces, start, end, text }: CertificateClaim,
  home: CertificateSentence | undefined,
  isClosed: boolean,
): string | undefined {
  let length = 0;
  for (const piece of pieces) {
    if ("insert" in piece) {
      if (isClosed && !INSERTABLE.has(piece.insert)) return "rules put in joining words alone";
      if (text !== undefined && text.slice(length, length + piece.insert.length) !== piece.insert)
        return "they do not give the claim's text";
      length += piece.insert.length;
      continue;
    }
    if (piece.start >= piece.end) return "one has no words";
    const isHere = home !== undefined && piece.start >= home.start && piece.end <= home.end;
    if (isHere && (piece.start < start || piece.end > end)) return "one lies outside of the claim";
    length += piece.end - piece.start;
  }
  return text === undefined || text.length === length ? undefined : "they do not give the claim's text";
}

function refuseRecombination(predicate: VerificationPredicate): CertificateRefusal | undefined {
  const { claims, sentences, verdict } = predicate;
  const computed = recombineSentences(
    sentences.map(({ verdict: _, ...sentence }) => sentence),
    claims.map((claim) => claim.verdict),
  );
  const wrong = sentences.findIndex((one, index) => one.verdict !== computed.sentences[index]?.verdict);
  if (wrong >= 0)
    return refusePart(
      `${PREDICATE}.sentences[${wrong}].verdict`,
      "it does not follow from the verdicts on its claims",
      { needed: computed.sentences[wrong]?.verdict ?? "none" },
    );
  return verdict === computed.verdict
    ? undefined
    : refusePart(`${PREDICATE}.verdict`, "it does not follow from those on the sentences", {
        needed: computed.verdict,
        got: verdict,
      });
}

/** Where the response is there: the pieces give each claim's text, whose digest is the subject's, also where the text is private. */
export function refusePiecesOf(
  response: string,
  { subject, predicate }: Statement,
): CertificateRefusal | undefined {
  const wrong = predicate.claims.findIndex(
    ({ pieces }, index) => digest(renderPieces(response, pieces)) !== subject[index + 1]?.digest.sha256,
  );
  return wrong < 0
    ? undefined
    : refusePart(`${PREDICATE}.claims[${wrong}].pieces`, "they do not give the claim's text");
}
