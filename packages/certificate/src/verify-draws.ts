/** That each draw was fixed in the audit log before the checkpoint that its seed is made from. */
import { DRAW_FIXED, digestTerms, drawSubject, isStale, type DrawTerms } from "@mira/committee";
import { decodeBase64, hashLeaf, verifyCheckpoint, verifyInclusion, type VerifierKey } from "@mira/merkle";
import {
  decodeAuditEntry,
  decodeHex,
  encodeHex,
  findAuditField,
  sha256,
  type AuditEntryContent,
} from "@mira/primitives";
import { refusePart, type CertificateRefusal } from "./part.ts";
import type { CertificateDraw, VerificationPredicate } from "./statement/types.ts";

export function refuseDraws(
  predicate: VerificationPredicate,
  auditLog: VerifierKey,
): CertificateRefusal | undefined {
  for (const [index, draw] of predicate.draws.entries()) {
    const problem = findDrawProblem(draw, predicate, auditLog);
    if (problem !== undefined) return refusePart(`statement.predicate.draws[${index}]`, problem);
  }
  return undefined;
}

function findDrawProblem(
  draw: CertificateDraw,
  { networkId, verificationId }: VerificationPredicate,
  auditLog: VerifierKey,
): string | undefined {
  const head = verifyCheckpoint(draw.checkpoint, { origin: networkId, keys: [auditLog] });
  if (!head.ok) return head.message;
  const { size, root } = head.value;
  const { index } = draw.fixed;
  const entry = decodeBase64(draw.fixed.entry);
  const path = draw.fixed.path.map((hash) => decodeBase64(hash) ?? new Uint8Array());
  if (
    entry === undefined ||
    !verifyInclusion({ leafHash: hashLeaf(entry), index, treeSize: size, path, root })
  )
    return "what fixed it is not under its checkpoint";
  const content = decodeAuditEntry(entry);
  if (!content.ok) return content.message;
  if (isStale({ index, treeSize: size })) return "its checkpoint is not the next one after it was fixed";
  return isFixedBy(content.value, toTerms(draw, networkId, verificationId))
    ? undefined
    : "its terms are not those that were fixed";
}

function isFixedBy(entry: AuditEntryContent, terms: DrawTerms): boolean {
  return (
    entry.networkId === terms.networkId &&
    entry.kind === DRAW_FIXED.kind &&
    entry.subject === drawSubject(terms.verificationId, terms.round, terms.attempt) &&
    findAuditField(entry, DRAW_FIXED.field) === encodeHex(digestTerms(terms))
  );
}

function toTerms(draw: CertificateDraw, networkId: string, verificationId: string): DrawTerms {
  const { round, attempt, policy, seats, operatorSeatsMax, familySeatsMax, seated } = draw;
  return {
    networkId,
    verificationId,
    round,
    attempt,
    policy,
    seats,
    operatorSeatsMax,
    familySeatsMax,
    seated,
    claimsDigest: toBytes(draw.claimsSha256),
    candidatesDigest: toBytes(draw.candidatesSha256),
    nonceHash: sha256(toBytes(draw.nonce)),
  };
}

function toBytes(hex: string): Uint8Array {
  return decodeHex(hex) ?? new Uint8Array();
}
