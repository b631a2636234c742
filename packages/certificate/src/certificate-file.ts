/** A certificate's file: a JSON object of envelope and log proof, a line each, so that programs without JSON can cut it, too. */
import { concatBytes, encodeUtf8, invariant, succeed } from "@mira/primitives";
import { formatTlogProof, parseTlogProof, type TlogProof } from "./tlog-proof.ts";
import { refusePart, type CertificateResult } from "./part.ts";

export type CertificateFile = {
  /** The exact bytes that are signed, hashed and logged. */
  readonly envelope: Uint8Array;
  readonly proof: TlogProof;
};

const BEGIN = encodeUtf8('{\n"dsse":');
const MIDDLE = encodeUtf8(',\n"tlogProof":"');
const END = encodeUtf8('"\n}\n');
const FILE_BYTES_MAX = 64 * 1024 * 1024;

export function formatCertificateFile({ envelope, proof }: CertificateFile): Uint8Array {
  const escaped = formatTlogProof(proof).replaceAll("\n", "\\n");
  const bytes = concatBytes(BEGIN, envelope, MIDDLE, encodeUtf8(escaped), END);
  invariant(parseCertificateFile(bytes).ok, "what is written can be read");
  return bytes;
}

/** One certificate has one file: nothing is skipped, and nothing may stand before, between or after. */
export function parseCertificateFile(bytes: Uint8Array): CertificateResult<CertificateFile> {
  if (bytes.length > FILE_BYTES_MAX)
    return refusePart("file", "it is too large", { neededMax: FILE_BYTES_MAX, got: bytes.length });
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!file.subarray(0, BEGIN.length).equals(BEGIN))
    return refusePart("file", "it does not begin as a certificate");
  if (!file.subarray(-END.length).equals(END)) return refusePart("file", "it does not end as a certificate");
  const middle = file.indexOf(MIDDLE);
  if (middle < 0) return refusePart("file", "between envelope and proof, something is missing");
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
    file.subarray(middle + MIDDLE.length, -END.length),
  );
  // A line break is the only thing that is escaped; one that is not, and any other escape, makes a line that no proof has.
  const proof = parseTlogProof(text.replaceAll("\n", "\0").replaceAll("\\n", "\n"));
  if (!proof.ok) return proof;
  return succeed({ envelope: new Uint8Array(file.subarray(BEGIN.length, middle)), proof: proof.value });
}
