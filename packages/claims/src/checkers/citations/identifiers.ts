/** Identifiers of publications in a claim: their form, and their check digits where they have one. Whether they exist is not asked. */

export type IdentifierKind = "ISBN" | "ISSN" | "ORCID" | "DOI" | "arXiv" | "URL";

export type Identifier = {
  readonly kind: IdentifierKind;
  /** As printed. */
  readonly text: string;
  readonly start: number;
  /** What is wrong with it, in plain words; undefined when it is well formed. */
  readonly problem: string | undefined;
  /** Well formed, and yet hardly meant: an address that nobody can have. */
  readonly doubt: string | undefined;
};

const IDENTIFIERS_MAX = 20;

/** Each pattern prints the identifier in its only group. */
const PATTERNS: ReadonlyArray<readonly [IdentifierKind, RegExp, (text: string) => string | undefined]> = [
  ["URL", /\b((?:https?|ftp):\/\/[^\s<>"'`)\]}]{1,500})/gi, judgeUrl],
  ["DOI", /\b(?:doi:\s?|doi\.org\/)([^\s<>"'`)\]}]{1,200})/gi, judgeDoi],
  [
    "ISBN",
    /\bISBN(?:-1[03])?(?: number)?:?\s{0,3}(\d[\dXx \u00a0\u2010-\u2013-]{6,24}[\dXx])(?![\dXx])/g,
    judgeIsbn,
  ],
  ["ISSN", /\bISSN:?\s{0,3}(\d{4}[-\u2010-\u2013]?\d{3}[\dXx])(?![\dXx])/g, judgeIssn],
  [
    "ORCID",
    /\b(?:ORCID(?: iD)?:?\s{0,3}|orcid\.org\/)(\d{4}-\d{4}-\d{4}-\d{3}[\dXx])(?![\dXx])/gi,
    judgeOrcid,
  ],
  ["arXiv", /\barXiv:\s?([\w./-]{4,40})/gi, judgeArxiv],
];

export function listIdentifiers(text: string): Identifier[] {
  const found = PATTERNS.flatMap(([kind, pattern, judge]) =>
    [...text.matchAll(pattern)].map((match) => {
      const printed = trimEnd(match[1] ?? "");
      const start = match.index + match[0].indexOf(match[1] ?? "");
      return {
        kind,
        text: printed,
        start,
        problem: judge(printed),
        doubt: kind === "URL" ? doubtUrl(printed) : undefined,
      };
    }),
  );
  return found.slice(0, IDENTIFIERS_MAX);
}

/** A sentence's own mark is no part of the identifier before it. */
function trimEnd(text: string): string {
  return text.replace(/[.,;:!?*_]{1,5}$/, "");
}

function readDigits(text: string): number[] {
  return (text.match(/[\dXx]/g) ?? []).map((digit) => (/[Xx]/.test(digit) ? 10 : Number(digit)));
}

function judgeIsbn(text: string): string | undefined {
  const digits = readDigits(text);
  if (digits.slice(0, -1).includes(10)) return "an X before the last place";
  if (digits.length === 10) return judgeSum(computeIsbn10(digits));
  if (digits.length !== 13) return `${digits.length} digits instead of 10 or 13`;
  if (digits.includes(10)) return "an X among thirteen digits";
  if (!/^97[89]/.test(digits.join(""))) return "thirteen digits that begin with neither 978 nor 979";
  return judgeSum(digits.reduce((sum, digit, at) => sum + digit * (at % 2 === 0 ? 1 : 3), 0) % 10);
}

function computeIsbn10(digits: readonly number[]): number {
  return digits.reduce((sum, digit, at) => sum + digit * (10 - at), 0) % 11;
}

/** ISO 3297: weights 8 to 1, modulo 11. */
function judgeIssn(text: string): string | undefined {
  return judgeSum(readDigits(text).reduce((sum, digit, at) => sum + digit * (8 - at), 0) % 11);
}

/** ISO 7064, MOD 11-2. */
function judgeOrcid(text: string): string | undefined {
  const digits = readDigits(text);
  const total = digits.slice(0, -1).reduce((sum, digit) => (sum + digit) * 2, 0);
  return judgeSum(((12 - (total % 11)) % 11) - (digits.at(-1) ?? 0));
}

function judgeSum(remainder: number): string | undefined {
  return remainder === 0 ? undefined : "the check digit does not fit";
}

function judgeDoi(text: string): string | undefined {
  if (!/^10\.\d{4,9}(?:\.\d+)*\//.test(text)) return "no prefix of the form 10.NNNN/";
  return /^10\.[\d.]+\/[\x21-\x7e]+$/.test(text)
    ? undefined
    : "nothing, or other signs than ASCII, after the prefix";
}

/** "2104.12345" from January 2015, "0704.0001" from April 2007, "hep-th/9901001" before. */
function judgeArxiv(text: string): string | undefined {
  const bare = text.replace(/v\d+$/, "");
  const [, year = "", month = "", number = ""] =
    /^(\d{2})(\d{2})\.(\d{4,5})$/.exec(bare) ??
    /^[a-z-]+(?:\.[A-Z]{2})?\/(\d{2})(\d{2})(\d{3})$/.exec(bare) ??
    [];
  if (number === "") return "neither YYMM.NNNNN nor archive/YYMMNNN";
  if (Number(month) < 1 || Number(month) > 12) return `no month ${month}`;
  if (number.length === 3)
    return Number(year) >= 91 || Number(year + month) <= 703
      ? undefined
      : "archive names ended in March 2007";
  if (Number(year + month) < 704) return "identifiers of this form began in April 2007";
  const digits = Number(year + month) >= 1501 ? 5 : 4;
  return number.length === digits
    ? undefined
    : `${number.length} digits after the point instead of ${digits}`;
}

const RESERVED = /(?:^|\.)(?:example|test|invalid|localhost)$|(?:^|\.)example\.(?:com|net|org|edu)$/;

function judgeUrl(text: string): string | undefined {
  return URL.canParse(text) ? undefined : "no URL";
}

function doubtUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { hostname } = new URL(text);
  if (RESERVED.test(hostname)) return `${hostname} is reserved for examples`;
  const isName = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+(?:[a-z]{2,63}|xn--[a-z\d-]{1,59})$/.test(
    hostname,
  );
  const isAddress = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(hostname) || hostname.startsWith("[");
  return isName || isAddress ? undefined : `${hostname} is no public host name`;
}
