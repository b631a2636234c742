/** Certificates: an in-toto statement in a DSSE envelope with many signers, and a C2SP tlog-proof of that envelope. */
export { formatCertificateFile, parseCertificateFile, type CertificateFile } from "./certificate-file.ts";
export { certificateLogOrigin, PAYLOAD_TYPE, PREDICATE_TYPE, STATEMENT_TYPE } from "./constants.ts";
export {
  decodeEnvelope,
  encodeEnvelope,
  signPayload,
  type Envelope,
  type EnvelopeSignature,
} from "./envelope.ts";
export { encodePae } from "./pae.ts";
export type { CertificateRefusal, CertificateResult } from "./part.ts";
export { refuseStatement } from "./statement/check.ts";
export {
  createStatement,
  withholdVerdicts,
  type AttestationFacts,
  type ClaimFacts,
  type SentenceFacts,
  type StatementFacts,
} from "./statement/create.ts";
export { decodeStatement, encodeStatement } from "./statement/decode.ts";
export type * from "./statement/types.ts";
export { formatTlogProof, parseTlogProof, type TlogProof } from "./tlog-proof.ts";
export type { CertificateTrust } from "./trust.ts";
export type { LoggedAt } from "./verify-log.ts";
export {
  computeCertificateId,
  verifyCertificate,
  type CertificateChecks,
  type VerifiedCertificate,
} from "./verify.ts";
