/** Confirms a witness about an identifier: check digits by running sums, which need no weights, and URLs by the grammar of RFC 3986. */
import type { Claim, Proof } from "../../types.ts";

const FORM =
  /^(ISBN|ISSN|ORCID|DOI|arXiv|URL) ("(?:[^"\\]|\\.){1,520}") at (\d{1,4}) is (well formed|malformed, [^"]{1,120}): (holds|fails)$/;

export function recheckCitations({ verdict, witness }: Proof, claim: Claim): boolean {
  const match = FORM.exec(witness);
  if (match === null) return false;
  const [, kind = "", quoted = '""', at, form, outcome] = match;
  const text = JSON.parse(quoted) as string;
  if (verdict !== (outcome === "holds" ? "supported" : "refuted")) return false;
  if ((form === "well formed") !== (outcome === "holds") || !claim.text.startsWith(text, Number(at)))
    return false;
  return isWellFormed(kind, text) === (outcome === "holds");
}

function isWellFormed(kind: string, text: string): boolean {
  const digits = text.toUpperCase().replaceAll(/[^\dX]/g, "");
  switch (kind) {
    case "ISBN":
      return digits.length === 10 ? isElevenfold(digits) : isThirteen(digits);
    case "ISSN":
      return digits.length === 8 && isElevenfold(digits);
    case "ORCID":
      return digits.length === 16 && isOrcid(digits);
    case "URL":
      return isUrl(text);
    default:
      // A DOI or an arXiv identifier is only ever found malformed.
      return !isMalformed(kind, text);
  }
}

/** The sum of the running sums is the sum weighted n to 1. */
function isElevenfold(digits: string): boolean {
  let [sum, sums] = [0, 0];
  for (const digit of digits) {
    sum += digit === "X" ? 10 : Number(digit);
    sums += sum;
  }
  return !digits.slice(0, -1).includes("X") && sums % 11 === 0;
}

function isThirteen(digits: string): boolean {
  if (!/^97[89]\d{10}$/.test(digits)) return false;
  let [even, odd] = [0, 0];
  for (const digit of digits) [even, odd] = [odd, even + Number(digit)];
  // Thirteen swaps: `odd` holds the 1st, 3rd ... 13th digit.
  return (odd + 3 * even) % 10 === 0;
}

/** MOD 11-2 of a valid identifier, its check character included, leaves 1. */
function isOrcid(digits: string): boolean {
  let rest = 0;
  for (const digit of digits.slice(0, -1)) rest = ((rest + Number(digit)) * 2) % 11;
  return (rest + (digits.endsWith("X") ? 10 : Number(digits.at(-1)))) % 11 === 1;
}

/** Only the host can be wrong in what the finder takes for a URL. */
function isUrl(text: string): boolean {
  const authority = /^(?:https?|ftp):\/\/([^/?#\s]{1,300})/i.exec(text)?.[1]?.replace(/^[^@]*@/, "");
  const [, host = "", port = ""] =
    /^(\[[^\]]*\]|[^:]*)(?::(\d{0,5}))?$/.exec(authority?.toLowerCase() ?? "") ?? [];
  if (Number(port) > 65_535 || host === "") return false;
  if (host.startsWith("[")) return /^\[[\da-f:.]{2,45}\]$/.test(host);
  const labels = host.split(".");
  if (/^\d+$/.test(labels.at(-1) ?? ""))
    return labels.length === 4 && labels.every((label) => Number(label) <= 255);
  return /^[\p{L}\p{N}\p{M}._~%-]+$/u.test(host);
}

function isMalformed(kind: string, text: string): boolean {
  if (kind === "DOI") {
    const [prefix = "", ...suffix] = text.split("/");
    const [directory, registrant = ""] = prefix.split(".");
    return (
      directory !== "10" ||
      registrant.length < 4 ||
      registrant.length > 9 ||
      Number.isNaN(Number(registrant)) ||
      suffix.join("/").trim() === ""
    );
  }
  const month = Number(/\d{2}(\d{2})/.exec(text)?.[1]);
  const [, tail = ""] = text.replace(/v\d+$/, "").split(".");
  const isNew = /^\d{4}\./.test(text);
  return (
    !(month >= 1 && month <= 12) ||
    (isNew && tail.length !== (Number(text.slice(0, 4)) >= 1501 ? 5 : 4)) ||
    (!isNew && !text.includes("/"))
  );
}
