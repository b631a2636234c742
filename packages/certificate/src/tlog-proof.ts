/** C2SP tlog-proof@v1: that a record is in a log, as text; c2sp.org/tlog-proof. */
import { decodeBase64, encodeBase64, HASH_BYTES } from "@mira/merkle";
import { succeed } from "@mira/primitives";
import { refusePart, type CertificateResult } from "./part.ts";

export type TlogProof = {
  readonly index: number;
  /** From the leaf's sibling to the root's child, 32 bytes each. */
  readonly path: readonly Uint8Array[];
  /** A signed note, verbatim. */
  readonly checkpoint: string;
};

const HEADER = "c2sp.org/tlog-proof@v1";
/** A tree of 2^53 leaves has no longer path. */
const PATH_MAX = 53;

export function formatTlogProof({ index, path, checkpoint }: TlogProof): string {
  return `${[HEADER, `index ${index}`, ...path.map(encodeBase64)].join("\n")}\n\n${checkpoint}`;
}

/**
 * Reads a proof; says nothing about who signed it. The format lets a proof carry `extra` data that nothing authenticates: there is
 * none in a certificate, since whoever changed it would not be found out.
 */
export function parseTlogProof(text: string): CertificateResult<TlogProof> {
  const [header, ...rest] = text.split("\n");
  if (header !== HEADER)
    return refusePart("tlogProof.header", "it is another format", { needed: HEADER, got: cut(header) });
  if (rest[0]?.startsWith("extra ") === true)
    return refusePart("tlogProof.extra", "data that nothing authenticates has no place in a certificate");
  const [, index] = /^index (0|[1-9]\d{0,15})$/.exec(rest[0] ?? "") ?? [];
  if (index === undefined || !Number.isSafeInteger(Number(index)))
    return refusePart("tlogProof.index", "the line is not `index` and a plain decimal");
  const blank = rest.indexOf("", 1);
  if (blank < 0 || blank - 1 > PATH_MAX)
    return refusePart("tlogProof.path", "no blank line ends it", { neededMax: PATH_MAX });
  const path: Uint8Array[] = [];
  for (const [at, line] of rest.slice(1, blank).entries()) {
    const hash = decodeBase64(line);
    if (hash?.length !== HASH_BYTES)
      return refusePart("tlogProof.path", `line ${at + 1} is not canonical base64 of 32 bytes`);
    path.push(hash);
  }
  return succeed({ index: Number(index), path, checkpoint: rest.slice(blank + 1).join("\n") });
}

function cut(text = ""): string {
  return text.slice(0, HEADER.length);
}
