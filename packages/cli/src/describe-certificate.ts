/** Certificates that hold, as people and programs read them. */
import type { VerifiedCertificate } from "@mira/client";
import { paintVerdict } from "./describe.ts";
import { toOneLine, type Style } from "./output.ts";

export function describeCertificate(verified: VerifiedCertificate, style: Style): string {
  const { certificateId, statement, signers, operators, logged } = verified;
  const { predicate } = statement;
  const { networkId, issuedAt, expiresAt, claims, withheld, policy } = predicate;
  return [
    style.green("the certificate holds"),
    `  ${certificateId}, issued on ${networkId} at ${issuedAt}, until ${expiresAt}`,
    `  signed by the network and ${signers.length} validators of ${operators.length} operators; its policy ${policy.id} asks for ${policy.operatorsMin}`,
    `  entry ${logged.index} of ${logged.treeSize} in ${logged.origin}`,
    ...(withheld === undefined ? [] : [style.yellow(`  nothing is decided: ${withheld}`)]),
    `${paintVerdict(predicate.verdict, style)} response of ${predicate.sentences.length} sentences, taken apart by ${toOneLine(predicate.decomposer.id)}`,
    ...claims.map(
      ({ claimId, text = `${claimId} (its text is private)`, verdict, confidence }) =>
        `${paintVerdict(verdict, style)} ${(confidence * 100).toFixed(0).padStart(3)} %  ${toOneLine(text)}`,
    ),
  ].join("\n");
}

/** What programs ask for; whatever else is in the statement is in the file. */
export function toCertificateData({
  certificateId,
  statement: { predicate, subject },
  signers,
  operators,
  logged,
}: VerifiedCertificate): unknown {
  const { networkId, issuedAt, expiresAt, policy, claims, withheld } = predicate;
  return {
    certificate: certificateId,
    network: networkId,
    responseSha256: subject[0]?.digest.sha256,
    issuedAt,
    expiresAt,
    policy: policy.id,
    signers: signers.map(({ validatorId, operator }) => ({ validatorId, operator })),
    operators: operators.length,
    log: logged,
    withheld,
    verdict: predicate.verdict,
    decomposer: predicate.decomposer,
    sentences: predicate.sentences,
    claims: claims.map(({ claimId, text, start, end, verdict, confidence, calibrated, reason }) => ({
      claimId,
      claim: text,
      start,
      end,
      verdict,
      confidence,
      calibrated,
      reason,
    })),
  };
}
