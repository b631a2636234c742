/** The format checker: JSON and its schema, the shape of CSV, a text beside a pattern. What has to be given is asked for, never assumed. */
import type { Checker, Claim, Finding, Source } from "../../types.ts";
import { readClaim } from "../reading.ts";
import { summarise } from "../statement.ts";
import { recheckFormats } from "./recheck.ts";
import { readCsvShape, readJsonSchema, readJsonSyntax, readPatternMatch, type Reader } from "./statements.ts";

export const formatChecker: Checker = { name: "formats", judges: "form", check, recheck: recheckFormats };

const READERS: readonly Reader[] = [readJsonSchema, readJsonSyntax, readCsvShape, readPatternMatch];

function check(claim: Claim, response: string, sources: readonly Source[]): Finding {
  const reading = readClaim(claim);
  if (reading === undefined) return { verdict: "not-applicable" };
  const statements = READERS.flatMap((read) => read(claim, response, sources) ?? []);
  return summarise(statements.slice(0, 1), reading.reservation);
}
