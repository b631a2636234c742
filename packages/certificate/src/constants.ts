/** The names by which a certificate's parts are known to others. */
export const PAYLOAD_TYPE = "application/vnd.in-toto+json";
export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
export const PREDICATE_TYPE = "https://mira.dev/claim-verification/v1";

/** The log of certificates has envelopes as its leaves; the audit log, whose origin is the network's id, names their digests. */
export function certificateLogOrigin(networkId: string): string {
  return `${networkId}/certificates`;
}
