/** The proof of a draw: whoever has it draws the same committee again, and sees that nobody chose it. */
import {
  bytesEqual,
  encodeHex,
  refuse,
  sha256,
  succeed,
  type AuditEntryContent,
  type Refusal,
  type Result,
} from "@mira/primitives";
import { drawCommittee, type Candidate } from "./draw.ts";
import { deriveSeed, digestCandidates, digestTerms, drawSubject, type DrawTerms } from "./terms.ts";

/**
 * At most so many entries stand between the one that fixes a draw and the head of the checkpoint it is drawn from. A verifier that
 * waits for a checkpoint it likes better has this many to choose from at most, and every further attempt stands in the log.
 */
export const CHECKPOINT_LAG_MAX = 256;

export type DrawProof = {
  readonly terms: DrawTerms;
  /** Everyone who could have been drawn. */
  readonly candidates: readonly Candidate[];
  /** Those who sat already, in the order of `terms.seated`. */
  readonly seated: readonly Candidate[];
  readonly nonce: Uint8Array;
  /** The signed note it was drawn from. */
  readonly checkpoint: string;
};

/** The audit entry that fixed the draw, its inclusion under the proof's checkpoint checked by the caller. */
export type FixedEntry = Pick<AuditEntryContent, "kind" | "subject" | "fields"> & {
  readonly index: number;
  readonly treeSize: number;
};

export const DRAW_FIXED = { kind: "draw.fixed", field: "terms sha256" } as const;

/** Draws again. Refused when anything that goes into the draw is not what was fixed before it. */
export function verifyDraw(
  proof: DrawProof,
  entry: FixedEntry,
): Result<readonly Candidate[], "PROOF_INVALID"> {
  const { terms, candidates, seated, nonce } = proof;
  const { verificationId, round, attempt } = terms;
  if (entry.kind !== DRAW_FIXED.kind || entry.subject !== drawSubject(verificationId, round, attempt))
    return invalid("the audit entry is not about this draw", { kind: entry.kind, subject: entry.subject });
  const fixed = entry.fields.find(([name]) => name === DRAW_FIXED.field)?.[1];
  if (fixed !== encodeHex(digestTerms(terms))) return invalid("the terms are not those that were fixed");
  if (isStale(entry))
    return invalid("the checkpoint is not the next one after the draw was fixed", {
      neededMax: String(entry.index + 1 + CHECKPOINT_LAG_MAX),
      got: String(entry.treeSize),
    });
  if (!bytesEqual(sha256(nonce), terms.nonceHash)) return invalid("the nonce is not the one that was fixed");
  if (!bytesEqual(digestCandidates(candidates), terms.candidatesDigest))
    return invalid("the candidates are not those that were fixed");
  if (seated.map(({ validatorId }) => validatorId).join() !== terms.seated.join())
    return invalid("those who sat already are not those that were fixed");
  return succeed(drawFixed(proof));
}

/** The committee that the proof's contents give; says nothing about whether they were fixed. */
export function drawFixed<C extends Candidate>({
  terms,
  candidates,
  seated,
  nonce,
  checkpoint,
}: Omit<DrawProof, "candidates"> & { readonly candidates: readonly C[] }): readonly C[] {
  const { seats, operatorSeatsMax, familySeatsMax } = terms;
  const seed = deriveSeed(terms, checkpoint, nonce);
  return drawCommittee(candidates, { seats, operatorSeatsMax, familySeatsMax, seed, seated });
}

/** Whether the log has grown too far past the entry for its head to count as the next one. */
export function isStale({ index, treeSize }: Pick<FixedEntry, "index" | "treeSize">): boolean {
  return treeSize > index + 1 + CHECKPOINT_LAG_MAX;
}

function invalid(message: string, details: Record<string, string> = {}): Refusal<"PROOF_INVALID"> {
  return refuse("PROOF_INVALID", message, details);
}
