/** The network's public keys: all that a certificate is checked with. */
import { createVerifierKey, parseVerifierKey, type VerifierKey } from "@mira/merkle";
import { decodeKey, encodeBase58, succeed } from "@mira/primitives";
import { certificateLogOrigin } from "./constants.ts";
import { refusePart, type CertificateResult } from "./part.ts";

export type CertificateTrust = {
  readonly networkId: string;
  /** Public key of the audit log, C2SP vkey format; the same key, under another name, heads the log of certificates. */
  readonly logVerifierKey: string;
  /** The network's own signing key of certificates, base58. */
  readonly certificateKey: string;
};

export type TrustedKeys = {
  readonly networkId: string;
  readonly network: { readonly keyid: string; readonly publicKey: Uint8Array };
  readonly auditLog: VerifierKey;
  readonly certificateLog: VerifierKey;
};

export function readTrust({
  networkId,
  logVerifierKey,
  certificateKey,
}: CertificateTrust): CertificateResult<TrustedKeys> {
  const publicKey = decodeKey(certificateKey);
  if (publicKey === undefined) return refusePart("trust.certificateKey", "it is not base58 of 32 bytes");
  const auditLog = parseVerifierKey(logVerifierKey);
  if (!auditLog.ok) return refusePart("trust.logVerifierKey", auditLog.message);
  if (auditLog.value.name !== networkId)
    return refusePart("trust.logVerifierKey", "it is another network's", {
      needed: networkId,
      got: auditLog.value.name,
    });
  return succeed({
    networkId,
    network: { keyid: encodeBase58(publicKey), publicKey },
    auditLog: auditLog.value,
    certificateLog: createVerifierKey(certificateLogOrigin(networkId), auditLog.value.publicKey),
  });
}
