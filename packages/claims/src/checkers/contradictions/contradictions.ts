/** The contradiction checker: a claim against the rest of its own response. Which of the two is wrong it cannot say, so it only flags. */
import type { Checker, Claim, Finding } from "../../types.ts";
import { indexSources, type SourceSentence } from "../../sources/source-index.ts";
import { compareWith } from "../figures/figures.ts";
import { listKindedFigures } from "../figures/kinds.ts";
import { describeSentence, describeStatement, type Subject } from "../figures/subject.ts";
import { rememberLast } from "../layout/remember.ts";
import { readClaim } from "../reading.ts";
import { WITNESS_CHARS_MAX } from "../statement.ts";

export const contradictionChecker: Checker = {
  name: "contradictions",
  judges: "form",
  check,
  // It proves nothing, so there is nothing to confirm.
  recheck: () => false,
};

function check(claim: Claim, response: string): Finding {
  const reading = readClaim(claim);
  if (reading === undefined || isConditional(reading.reservation)) return { verdict: "not-applicable" };
  const subject = describeStatement(reading.tokens, reading.text);
  const figures = listKindedFigures(reading.tokens) ?? [];
  for (const sentence of findCandidates(subject, response)) {
    if (sentence.start < claim.end && claim.start < sentence.end) continue;
    const other = describeSentence(sentence);
    const source = { sourceId: "response", title: "", text: response };
    const isOtherFigure =
      figures.length > 0 && compareWith(subject, figures, source, sentence)?.holds === false;
    if (isOtherFigure || denies(subject, other, figures.length, sentence))
      return { verdict: "undecided", witness: describe(sentence), flag: "contradicts-response" };
  }
  return { verdict: "not-applicable" };
}

function isConditional(reservation: string | undefined): boolean {
  return reservation !== undefined && reservation !== "the claim is negated";
}

type StemIndex = ReadonlyMap<string, readonly SourceSentence[]>;

const indexResponse = rememberLast((response): StemIndex => {
  const [index] = indexSources([{ sourceId: "response", title: "", text: response }]);
  const places = new Map<string, SourceSentence[]>();
  for (const sentence of index?.sentences() ?? [])
    for (const stem of new Set(describeSentence(sentence).stems)) {
      const known = places.get(stem);
      if (known === undefined) places.set(stem, [sentence]);
      else known.push(sentence);
    }
  return places;
});

/** A response that says one thing over and over is not compared with itself for ever. */
const CANDIDATES_MAX = 200;

/** Sentences that have the claim's rarest word: what contradicts it has all of them. */
function findCandidates({ stems }: Subject, response: string): readonly SourceSentence[] {
  const places = indexResponse(response);
  const lists = stems.map((stem) => places.get(stem) ?? []);
  const [first, ...rest] = lists;
  const rarest = rest.reduce((best, list) => (list.length < best.length ? list : best), first ?? []);
  return rarest.slice(0, CANDIDATES_MAX);
}

const STEMS_MIN = 2;

/** The same words, one with a "not". Sentences with figures are left to the comparison of figures. */
function denies(one: Subject, other: Subject, figures: number, sentence: SourceSentence): boolean {
  if (one.isNegated === other.isNegated || one.stems.length < STEMS_MIN) return false;
  if (figures > 0 || sentence.tokens.some(({ kind }) => kind === "figure" || kind === "unparsed"))
    return false;
  if (
    /\b(?:if|unless|would|might|may|could|some|most|many|few|sometimes|often|usually|always|only)\b/i.test(
      sentence.text,
    )
  )
    return false;
  const [ours, theirs] = [new Set(one.stems), new Set(other.stems)];
  return ours.size === theirs.size && [...ours].every((stem) => theirs.has(stem)) && isSameOrder(one, other);
}

/** "A beat B" and "B did not beat A" agree. */
function isSameOrder(one: Subject, other: Subject): boolean {
  return (
    one.names.filter((name) => other.names.includes(name)).join(" ") ===
    other.names.filter((name) => one.names.includes(name)).join(" ")
  );
}

function describe({ start, end, text }: SourceSentence): string {
  return `the response at ${start} to ${end} has ${JSON.stringify(text)}`.slice(0, WITNESS_CHARS_MAX);
}
