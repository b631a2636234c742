/** The citation checker: malformed identifiers, markers without an entry, entries that nothing points to. It flags; only check digits are proof. */
import type { Checker, Claim, Finding } from "../../types.ts";
import { saysOnly } from "../only.ts";
import { readClaim } from "../reading.ts";
import { summarise } from "../statement.ts";
import { listIdentifiers, type Identifier } from "./identifiers.ts";
import { recheckCitations } from "./recheck.ts";
import { listClaimMarkers, readReferences } from "./references.ts";

export const citationChecker: Checker = {
  name: "citations",
  judges: "form",
  check,
  recheck: recheckCitations,
};

function check(claim: Claim, response: string): Finding {
  const reading = readClaim(claim);
  if (reading === undefined) return { verdict: "not-applicable" };
  const identifiers = listIdentifiers(claim.text);
  const [only, ...others] = identifiers;
  if (only !== undefined && others.length === 0 && isAboutForm(claim.text, only))
    return judgeForm(only, reading.reservation);
  const malformed = identifiers.find(({ problem, doubt }) => (problem ?? doubt) !== undefined);
  if (malformed !== undefined)
    return { verdict: "undecided", witness: describe(malformed), flag: "reference-malformed" };
  return (
    checkReferences(claim, response) ??
    (only === undefined ? { verdict: "not-applicable" } : wellFormed(only))
  );
}

function wellFormed(identifier: Identifier): Finding {
  return { verdict: "undecided", witness: `${describe(identifier)}; whether it exists is not asked` };
}

const VOCABULARY = new Set(
  "valid invalid well-formed well formed isbn issn orcid id doi arxiv url identifier number check digit correct http https".split(
    " ",
  ),
);

/** "ISBN 0-306-40615-2 is valid", "https://a.org is a valid URL". */
function isAboutForm(text: string, { start, text: printed }: Identifier): boolean {
  const rest = text.slice(0, start) + text.slice(start + printed.length);
  return /\b(?:valid|well[- ]formed)\b/i.test(rest) && saysOnly(rest, VOCABULARY);
}

/** What a register has to be asked for is left open: a well-formed DOI may belong to nothing. */
function judgeForm(identifier: Identifier, reservation: string | undefined): Finding {
  const { kind, problem, doubt } = identifier;
  if (problem === undefined && (doubt !== undefined || kind === "DOI" || kind === "arXiv"))
    return wellFormed(identifier);
  const holds = problem === undefined;
  const witness = `${describe(identifier)}: ${holds ? "holds" : "fails"}`;
  return summarise([{ holds, isWhole: true, witness }], reservation);
}

function describe({ kind, text, start, problem, doubt }: Identifier): string {
  const form = problem === undefined ? "is well formed" : `is malformed, ${problem}`;
  return `${kind} ${JSON.stringify(text)} at ${start} ${form}${doubt === undefined ? "" : `, but ${doubt}`}`;
}

function checkReferences(claim: Claim, response: string): Finding | undefined {
  const { listed, used } = readReferences(response);
  if (listed.size === 0) return undefined;
  const missing = listClaimMarkers(claim, response).find((label) => !listed.has(label));
  if (missing !== undefined)
    return {
      verdict: "undecided",
      witness: `[${missing}] is used, and not among the ${listed.size} references listed`,
      flag: "reference-missing",
    };
  const entry = [...listed].find(([, { start, end }]) => start < claim.end && claim.start < end);
  if (entry === undefined || used.size === 0 || used.has(entry[0])) return undefined;
  return {
    verdict: "undecided",
    witness: `reference [${entry[0]}] is listed, and never used`,
    flag: "reference-unused",
  };
}
