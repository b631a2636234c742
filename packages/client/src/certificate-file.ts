/** A certificate as a text file: one certificate has exactly one text, so that any changed byte shows. */
import type { verifier } from "@mira/api";
import { refuse, succeed, type Result } from "@mira/primitives";

const FORMAT = "mira-certificate/v1";

export function formatCertificate(certificate: verifier.Certificate): string {
  const { certificateId, body, inclusion: proof } = certificate;
  const inclusion = proof?.inclusion;
  const content = {
    format: FORMAT,
    certificateId,
    body: toBase64(body),
    entry: toBase64(proof?.entry ?? new Uint8Array()),
    index: String(inclusion?.index ?? 0n),
    treeSize: String(inclusion?.treeSize ?? 0n),
    path: (inclusion?.path ?? []).map(toBase64),
    checkpoint: proof?.checkpoint ?? "",
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

export function parseCertificate(text: string): Result<verifier.Certificate, "PROOF_INVALID"> {
  const certificate = readCertificate(text);
  if (certificate === undefined)
    return refuse("PROOF_INVALID", "the file is not a certificate", { needed: FORMAT });
  if (formatCertificate(certificate) !== text)
    return refuse("PROOF_INVALID", "the file is not the one text of its certificate: something was changed");
  return succeed(certificate);
}

function readCertificate(text: string): verifier.Certificate | undefined {
  try {
    const content = JSON.parse(text) as Record<string, unknown>;
    if (content["format"] !== FORMAT || !Array.isArray(content["path"])) return undefined;
    const path = content["path"].map(fromBase64);
    const inclusion = { index: toBigInt(content["index"]), treeSize: toBigInt(content["treeSize"]), path };
    return {
      certificateId: String(content["certificateId"]),
      body: fromBase64(content["body"]),
      inclusion: {
        entry: fromBase64(content["entry"]),
        inclusion,
        checkpoint: String(content["checkpoint"]),
      },
    };
  } catch {
    return undefined;
  }
}

function toBigInt(value: unknown): bigint {
  if (typeof value !== "string" || !/^\d{1,19}$/.test(value)) throw new TypeError("not a whole number");
  return BigInt(value);
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function fromBase64(value: unknown): Uint8Array {
  if (typeof value !== "string") throw new TypeError("not base64");
  return new Uint8Array(Buffer.from(value, "base64"));
}
