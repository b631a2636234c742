/** Which part of a certificate is wrong: every "no" of this package names one. */
import { refuse, type Refusal, type Result } from "@mira/primitives";

export type CertificateRefusal = Refusal<"PROOF_INVALID">;
export type CertificateResult<T> = Result<T, "PROOF_INVALID">;

/** `part` is a path such as `envelope.signatures[2].sig` or `tlogProof.index`; docs/certificate/README.md lists them. */
export function refusePart(
  part: string,
  why: string,
  details: Readonly<Record<string, string | number>> = {},
): CertificateRefusal {
  return refuse("PROOF_INVALID", `${part}: ${why}`, { part, ...details });
}
