/** What is fixed, and put into the audit log, before anyone can know whom it will draw. */
import { CanonicalWriter, encodeUtf8, sha256 } from "@mira/primitives";
import type { Candidate, SeatCaps } from "./draw.ts";

export type DrawTerms = SeatCaps & {
  readonly networkId: string;
  readonly verificationId: string;
  /** 0 for the first committee, then one more for each time it is widened. */
  readonly round: number;
  /** 0, then one more for each time this round's draw had to be fixed again. */
  readonly attempt: number;
  /** `name@version` of the policy that size and caps come from. */
  readonly policy: string;
  readonly seats: number;
  /** Digest of the claims that this round is about: see digestClaims. */
  readonly claimsDigest: Uint8Array;
  /** Digest of everyone who may be drawn: see digestCandidates. */
  readonly candidatesDigest: Uint8Array;
  /** Validators who sit already, from earlier rounds. */
  readonly seated: readonly string[];
  /** SHA-256 of the verifier's 32-byte nonce, which is told with the draw. */
  readonly nonceHash: Uint8Array;
};

/** 32 bytes: what the audit entry of kind `draw.fixed` holds. */
export function digestTerms(terms: DrawTerms): Uint8Array {
  const writer = new CanonicalWriter()
    .text("mira:draw-terms:v1")
    .text(terms.networkId)
    .text(terms.verificationId)
    .u32(terms.round)
    .u32(terms.attempt)
    .text(terms.policy)
    .u32(terms.seats)
    .u32(terms.operatorSeatsMax)
    .u32(terms.familySeatsMax)
    .fixed(terms.claimsDigest, 32)
    .fixed(terms.candidatesDigest, 32)
    .fixed(terms.nonceHash, 32)
    .u32(terms.seated.length);
  for (const validatorId of terms.seated) writer.text(validatorId);
  return sha256(writer.finish());
}

/** The same for the same candidates in any order. */
export function digestCandidates(candidates: readonly Candidate[]): Uint8Array {
  const sorted = [...candidates].sort((left, right) => (left.validatorId < right.validatorId ? -1 : 1));
  const writer = new CanonicalWriter().text("mira:draw-candidates:v1").u32(sorted.length);
  for (const { validatorId, publicKey, operator, family, stake } of sorted)
    writer.text(validatorId).fixed(publicKey, 32).text(operator).text(family).text(String(stake));
  return sha256(writer.finish());
}

export function digestClaims(
  claims: readonly { readonly claimId: string; readonly text: string }[],
): Uint8Array {
  const writer = new CanonicalWriter().text("mira:draw-claims:v1").u32(claims.length);
  for (const { claimId, text } of claims) writer.text(claimId).fixed(sha256(encodeUtf8(text)), 32);
  return sha256(writer.finish());
}

/** Where the audit entry of a draw is found. */
export function drawSubject(verificationId: string, round: number, attempt: number): string {
  return `draw/${verificationId}/${round}/${attempt}`;
}

/**
 * The seed: what was fixed, the signed checkpoint that covers it, and the nonce whose hash was fixed. The log's signer does not know the
 * nonce, the verifier cannot make the signature, and nobody else knows either.
 */
export function deriveSeed(terms: DrawTerms, checkpoint: string, nonce: Uint8Array): Uint8Array {
  return sha256(
    new CanonicalWriter()
      .text("mira:draw-seed:v1")
      .fixed(digestTerms(terms), 32)
      .text(checkpoint)
      .fixed(nonce, 32)
      .finish(),
  );
}
