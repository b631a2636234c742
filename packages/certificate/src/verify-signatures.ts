/** An envelope's signatures: first the network's, over bytes that nobody has looked into; then those of the committee it names. */
import { decodeKey, succeed, verifySignature } from "@mira/primitives";
import { PAYLOAD_TYPE } from "./constants.ts";
import type { Envelope, EnvelopeSignature } from "./envelope.ts";
import { encodePae } from "./pae.ts";
import { refusePart, type CertificateRefusal, type CertificateResult } from "./part.ts";
import type { CertificateMember } from "./statement/types.ts";
import type { TrustedKeys } from "./trust.ts";

/** The first thing that is wrong, and nothing when the network's signature verifies. The payload MUST NOT be parsed before. */
export function refuseNetworkSignature(
  { payload, signatures }: Envelope,
  { network }: TrustedKeys,
): CertificateRefusal | undefined {
  const message = encodePae(PAYLOAD_TYPE, payload);
  const index = signatures.findIndex(({ keyid }) => keyid === network.keyid);
  const own = signatures[index];
  if (own !== undefined && verifySignature(network.publicKey, message, own.sig)) return undefined;
  // From here on it is refused, and only told apart what to name. A key id is where a signer's key is looked for.
  const misnamed = signatures.findIndex(({ sig }) => verifySignature(network.publicKey, message, sig));
  if (misnamed >= 0) return refuseKeyid(misnamed, network.keyid);
  if (!signatures.some((one) => verifies(one, message)))
    return refusePart("envelope.payload", "no signature verifies over it", { signatures: signatures.length });
  return own === undefined
    ? refusePart("envelope.signatures", "the network's is missing", { keyid: network.keyid })
    : refusePart(`envelope.signatures[${index}].sig`, "the network's signature does not verify", {
        keyid: network.keyid,
      });
}

/** The members who signed. Every signature MUST verify, and MUST be of the network or of a member. */
export function verifyMemberSignatures(
  { payload, signatures }: Envelope,
  committee: readonly CertificateMember[],
  { network }: TrustedKeys,
): CertificateResult<readonly CertificateMember[]> {
  const message = encodePae(PAYLOAD_TYPE, payload);
  const signers: CertificateMember[] = [];
  for (const [index, signature] of signatures.entries()) {
    if (signature.keyid === network.keyid) continue;
    const member = committee.find(({ validatorId }) => validatorId === signature.keyid);
    if (member !== undefined && verifies(signature, message)) {
      signers.push(member);
      continue;
    }
    const owner = committee.find(({ validatorId }) =>
      verifies({ ...signature, keyid: validatorId }, message),
    );
    if (owner !== undefined) return refuseKeyid(index, owner.validatorId);
    return member === undefined
      ? refusePart(`envelope.signatures[${index}]`, "it is of nobody in the committee", {
          keyid: signature.keyid,
        })
      : refusePart(`envelope.signatures[${index}].sig`, "the validator's signature does not verify", {
          keyid: signature.keyid,
          operator: member.operator,
        });
  }
  return succeed(signers);
}

export function verifies({ keyid, sig }: EnvelopeSignature, message: Uint8Array): boolean {
  const key = decodeKey(keyid);
  return key !== undefined && verifySignature(key, message, sig);
}

function refuseKeyid(index: number, needed: string): CertificateRefusal {
  return refusePart(`envelope.signatures[${index}].keyid`, "it names another key than the one that signed", {
    needed,
  });
}
