/** Offline: whether a certificate holds, with the network's public keys and nothing else; and when not, which part does not. */
import { encodeBase58, encodeUtf8, sha256, succeed, type UnixMs } from "@mira/primitives";
import { parseCertificateFile } from "./certificate-file.ts";
import { decodeEnvelope } from "./envelope.ts";
import { refusePart, type CertificateRefusal, type CertificateResult } from "./part.ts";
import { refusePiecesOf } from "./statement/check-sentences.ts";
import { refuseStatement } from "./statement/check.ts";
import { digest } from "./statement/create.ts";
import { decodeStatement } from "./statement/decode.ts";
import type { CertificateMember, Statement } from "./statement/types.ts";
import { readTrust, type CertificateTrust } from "./trust.ts";
import { refuseDraws } from "./verify-draws.ts";
import { verifyLogged, type LoggedAt } from "./verify-log.ts";
import { refuseNetworkSignature, verifyMemberSignatures } from "./verify-signatures.ts";

export type CertificateChecks = {
  /** The instant at which it should hold. */
  readonly now: UnixMs;
  /** The very text that was verified. Absent: the certificate is not compared with one. */
  readonly response?: string;
  /** How many distinct operators must have signed; the certificate's own policy may ask for more. */
  readonly operatorsMin?: number;
};

export type VerifiedCertificate = {
  readonly certificateId: string;
  readonly statement: Statement;
  /** Members of the committee who signed, beside the network. */
  readonly signers: readonly CertificateMember[];
  readonly operators: readonly string[];
  readonly logged: LoggedAt;
};

/** The id of a certificate is the hash of its envelope. */
export function computeCertificateId(envelope: Uint8Array): string {
  return encodeBase58(sha256(envelope));
}

/** Nothing that is inside is looked at before the network's signature over it was verified. */
export function verifyCertificate(
  file: Uint8Array | string,
  trust: CertificateTrust,
  checks: CertificateChecks,
): CertificateResult<VerifiedCertificate> {
  const keys = readTrust(trust);
  if (!keys.ok) return keys;
  const parsed = parseCertificateFile(typeof file === "string" ? encodeUtf8(file) : file);
  if (!parsed.ok) return parsed;
  const envelope = decodeEnvelope(parsed.value.envelope);
  if (!envelope.ok) return envelope;
  const forged = refuseNetworkSignature(envelope.value, keys.value);
  if (forged !== undefined) return forged;
  const statement = decodeStatement(envelope.value.payload);
  if (!statement.ok) return statement;
  const { predicate } = statement.value;
  const signers = verifyMemberSignatures(envelope.value, predicate.committee, keys.value);
  if (!signers.ok) return signers;
  const logged = verifyLogged(parsed.value.envelope, parsed.value.proof, keys.value.certificateLog);
  if (!logged.ok) return logged;
  const operators = [...new Set(signers.value.map(({ operator }) => operator))];
  const refusal =
    refuseStatement(statement.value, trust.networkId) ??
    refuseDraws(predicate, keys.value.auditLog) ??
    refuseQuorum(statement.value, operators.length, checks) ??
    refuseExpired(statement.value, checks.now) ??
    refuseResponse(statement.value, checks.response);
  if (refusal !== undefined) return refusal;
  return succeed({
    certificateId: computeCertificateId(parsed.value.envelope),
    statement: statement.value,
    signers: signers.value,
    operators,
    logged: logged.value,
  });
}

/** A certificate that decides nothing needs nobody beside the network to say so. */
function refuseQuorum(
  { predicate: { claims, policy } }: Statement,
  operators: number,
  { operatorsMin = 0 }: CertificateChecks,
): CertificateRefusal | undefined {
  const needed = Math.max(policy.operatorsMin, operatorsMin);
  if (operators >= needed || claims.every(({ verdict }) => verdict === "unresolved")) return undefined;
  return refusePart("envelope.signatures", "too few operators signed", { needed, got: operators });
}

function refuseExpired({ predicate: { expiresAt } }: Statement, now: UnixMs): CertificateRefusal | undefined {
  return now < Date.parse(expiresAt)
    ? undefined
    : refusePart("statement.predicate.expiresAt", "it has expired", {
        expiresAt,
        now: new Date(now).toISOString(),
      });
}

function refuseResponse(statement: Statement, response: string | undefined): CertificateRefusal | undefined {
  if (response === undefined) return undefined;
  const { subject, predicate } = statement;
  if (subject[0]?.digest.sha256 !== digest(response))
    return refusePart("statement.subject[0]", "the certificate is about another response");
  const outside = predicate.sentences.findIndex(({ end }) => end > response.length);
  return outside < 0
    ? refusePiecesOf(response, statement)
    : refusePart(`statement.predicate.sentences[${outside}]`, "it ends after the response");
}
