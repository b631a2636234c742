/** What checking a certificate of the test's network comes to, in a word. */
import { verifyCertificate, type CertificateChecks, type CertificateTrust } from "@mira/certificate";
import { BEFORE_EXPIRY, trust } from "./certificate.fixture.ts";

/** The part that is refused, or `holds`. */
export function judge(
  file: Uint8Array,
  { checks = {}, keys = trust }: { checks?: Partial<CertificateChecks>; keys?: CertificateTrust } = {},
): string {
  const result = verifyCertificate(file, keys, { now: BEFORE_EXPIRY, ...checks });
  return result.ok ? "holds" : (result.details["part"] ?? result.message);
}
