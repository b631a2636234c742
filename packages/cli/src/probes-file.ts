/** A file of probes: one JSON object a line, and every line that is wrong is named. */
import { refuse, succeed, type ProbeClaim, type Result } from "@mira/primitives";

/** More than one terminal holds is no help. */
const PROBLEMS_MAX = 20;
const CLAIM_CHARS_MAX = 1_000;
const FIELDS = ["claim", "truth", "domain"];

/** Lines `{"claim": "...", "truth": "supported" | "refuted" | true | false, "domain": "general"}`; blank lines are left out. */
export function parseProbes(text: string): Result<readonly ProbeClaim[], "PROBE_INVALID"> {
  const probes: ProbeClaim[] = [];
  const problems: string[] = [];
  const seen = new Map<string, number>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const probe = parseLine(line);
    const earlier = typeof probe === "string" ? undefined : seen.get(probe.claim);
    if (typeof probe === "string") problems.push(`line ${index + 1}: ${probe}`);
    else if (earlier !== undefined) problems.push(`line ${index + 1}: the claim of line ${earlier}`);
    else {
      seen.set(probe.claim, index + 1);
      probes.push(probe);
    }
  }
  if (problems.length > 0)
    return refuse("PROBE_INVALID", `${problems.length} lines are no probes`, {
      lines: problems.slice(0, PROBLEMS_MAX).join("; "),
    });
  return probes.length > 0 ? succeed(probes) : refuse("PROBE_INVALID", "there is no probe in the file");
}

/** The probe, or what is wrong with the line. */
function parseLine(line: string): ProbeClaim | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return "not JSON";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "not an object";
  const fields = new Map<string, unknown>(Object.entries(value));
  const unknown = [...fields.keys()].find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) return `unknown field "${unknown}"`;
  const claim = fields.get("claim");
  if (
    typeof claim !== "string" ||
    claim.trim() === "" ||
    claim.length > CLAIM_CHARS_MAX ||
    claim.includes("\n")
  )
    return `"claim" needs one line of text, at most ${CLAIM_CHARS_MAX} characters`;
  const truth = parseTruth(fields.get("truth"));
  if (truth === undefined) return '"truth" needs supported, refuted, true or false';
  const domain = fields.get("domain") ?? "general";
  if (typeof domain !== "string" || !/^[\w.-]{1,64}$/.test(domain))
    return '"domain" needs a word of letters, digits, _ . -';
  // As decomposers write claims: without the full stop of the sentence, which would tell a probe from the work.
  return { claim: claim.trim().replace(/(?<=[^.])\.$/, ""), truth, domain };
}

function parseTruth(value: unknown): ProbeClaim["truth"] | undefined {
  if (value === true || value === "supported") return "supported";
  return value === false || value === "refuted" ? "refuted" : undefined;
}
