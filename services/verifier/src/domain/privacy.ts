/** What a committee member gets to see of a response under a private policy: its claims and what stands beside them. */
import type { CommitteeMember, Span, VerificationOpened, VerifiedClaim } from "./verification.ts";

const HIDDEN = " ";

/**
 * The response, as long as it is, so that offsets hold: everything but the member's claims and the sentences next to them is blank. A
 * sentence that holds a claim of somebody else's stays hidden, so nobody who checks less than all claims can read the whole.
 */
export function showTo(
  { response, sentences, claims, terms }: VerificationOpened,
  { claimIds }: CommitteeMember,
): string {
  if (!terms.isPrivate || claimIds.length === claims.length) return response;
  const own = claims.filter(({ claimId }) => claimIds.includes(claimId)).flatMap(listStretches);
  const others = claims.filter(({ claimId }) => !claimIds.includes(claimId)).flatMap(listStretches);
  const beside = sentences.filter(
    (sentence, at) =>
      [sentences[at - 1], sentence, sentences[at + 1]].some(
        (near) => near !== undefined && meetsAny(near, own),
      ) && !meetsAny(sentence, others),
  );
  const shown = new Uint8Array(response.length);
  for (const { start, end } of [...beside, ...own]) shown.fill(1, start, end);
  // Claims may share words: what is somebody else's alone stays hidden.
  return Array.from({ length: response.length }, (_, at) => {
    const unit = response.charAt(at);
    return shown[at] === 1 || unit === "\n" ? unit : HIDDEN;
  }).join("");
}

/** Where a claim's words stand: between them there may be somebody else's. */
function listStretches({ pieces }: VerifiedClaim): readonly Span[] {
  return pieces.flatMap((piece) => ("insert" in piece ? [] : [piece]));
}

function meetsAny(span: Span, others: readonly Span[]): boolean {
  return others.some(({ start, end }) => start < span.end && span.start < end);
}
