/** The figure checker: a claim's figures against those of a source sentence that says the same of the same thing. */
import type { Checker, Claim, Finding, Proof, Source } from "../../types.ts";
import { indexSources, type SourceSentence } from "../../sources/source-index.ts";
import { listStems, listWords } from "../../sources/words.ts";
import { readClaim } from "../reading.ts";
import { summarise, WITNESS_CHARS_MAX, type Statement } from "../statement.ts";
import { compareFigures, listKindedFigures, type KindedFigure } from "./kinds.ts";
import { findClause, findScope } from "./scope.ts";
import { describeSentence, describeStatement, sayTheSame, type Subject } from "./subject.ts";

export const figureChecker: Checker = { name: "figures", judges: "grounding", check, recheck };

function check(claim: Claim, _response: string, sources: readonly Source[]): Finding {
  const reading = readClaim(claim);
  const figures = reading === undefined ? undefined : listKindedFigures(reading.tokens);
  if (reading === undefined || figures === undefined || figures.length === 0)
    return { verdict: "not-applicable" };
  const indexes = indexSources(sources);
  if (indexes.length === 0) return { verdict: "not-applicable" };
  const subject = describeStatement(reading.tokens, reading.text);
  const statements = indexes.flatMap(({ source, sentences }) =>
    sentences().flatMap((sentence) => compareWith(subject, figures, source, sentence) ?? []),
  );
  return settle(statements, reading.reservation);
}

/** Sources that contradict each other decide nothing. */
function settle(statements: readonly Statement[], reservation: string | undefined): Finding {
  const [proof, doubt] = [
    statements.find(({ holds }) => holds),
    statements.find(({ holds }) => holds === false),
  ];
  if (proof !== undefined && doubt !== undefined)
    return {
      verdict: "undecided",
      witness: `sources disagree: ${proof.witness}; ${doubt.witness}`.slice(0, WITNESS_CHARS_MAX),
    };
  const decisive = proof ?? doubt;
  if (decisive === undefined) return { verdict: "undecided", witness: "no source says this with a figure" };
  return summarise([decisive], reservation);
}

type Outcome = { readonly is: "same" | "other" | "open"; readonly found?: KindedFigure };

/** A statement when the sentence says the same of the same thing: with the same figures, or with one that differs. */
export function compareWith(
  subject: Subject,
  figures: readonly KindedFigure[],
  source: Source,
  sentence: SourceSentence,
): Statement | undefined {
  if (!sayTheSame(subject, describeSentence(sentence), source.title)) return undefined;
  const theirs = listKindedFigures(sentence.tokens);
  if (theirs === undefined || theirs.length === 0) return undefined;
  const outcomes = figures.map((figure) => compareOne(figure, theirs, subject, sentence));
  const title = new Set(listStems(listWords(source.title)));
  const scopes = outcomes.map(({ found }) => findScope(sentence.tokens, found?.at ?? 0, subject, title));
  if (scopes.some(({ before }) => before)) return undefined;
  if (outcomes.every(({ is }) => is === "same")) return toStatement(source, sentence, figures, undefined);
  const odd = figures.findIndex((_, at) => outcomes[at]?.is !== "same");
  const [figure, outcome] = [figures[odd], outcomes[odd]];
  if (figure === undefined || outcome?.is !== "other") return undefined;
  if (outcomes.filter(({ is }) => is !== "same").length > 1) return undefined;
  if (!mayRefute(figure, subject, theirs, figures, scopes[odd]?.after === true)) return undefined;
  return toStatement(source, sentence, [figure], outcome.found);
}

/** A source sentence with several figures of a kind needs the claim's in the clause that speaks of the same. */
function compareOne(
  figure: KindedFigure,
  theirs: readonly KindedFigure[],
  subject: Subject,
  sentence: SourceSentence,
): Outcome {
  const alike = theirs.filter(({ kind }) => kind === figure.kind);
  const [only, ...others] = alike;
  if (only === undefined) return { is: "open" };
  if (others.length === 0) return { is: compareFigures(figure, only), found: only };
  const opening = new Set(describeStatement(sentence.tokens.slice(0, theirs[0]?.at ?? 0), "").stems);
  const said = subject.predicate.filter((stem) => !opening.has(stem));
  const near = alike.filter((candidate) => said.every((stem) => clauseAround(sentence, candidate).has(stem)));
  const [inClause, ...ambiguous] = near;
  if (inClause === undefined || ambiguous.length > 0 || said.length === 0) return { is: "open" };
  return { is: compareFigures(figure, inClause), found: inClause };
}

function clauseAround(sentence: SourceSentence, figure: KindedFigure): Set<string> {
  const [start, end] = findClause(sentence.tokens, figure.at);
  return new Set(describeStatement(sentence.tokens.slice(start, end), "").stems);
}

/**
 * Two figures contradict each other only when they are of the same thing at the same time: two years need an event that happens
 * once, a quantity must not be of another year, and nothing after it may narrow it down.
 */
function mayRefute(
  figure: KindedFigure,
  subject: Subject,
  theirs: readonly KindedFigure[],
  ours: readonly KindedFigure[],
  isNarrowed: boolean,
): boolean {
  const happensOnce = subject.stems.some((stem) => ONCE.has(stem));
  if (figure.kind === "year" || figure.kind === "day") return happensOnce;
  const isDated = theirs.some(({ kind }) => kind === "year") && !ours.some(({ kind }) => kind === "year");
  return !isDated && !isNarrowed;
}

const ONCE = new Set(
  "born die died found build open complet establish invent discover begin publish launch sign end inaugurat unveil adopt abolish".split(
    " ",
  ),
);

/** `instead` is the figure that the source has where the claim has its own. */
function toStatement(
  source: Source,
  sentence: SourceSentence,
  figures: readonly KindedFigure[],
  instead: KindedFigure | undefined,
): Statement {
  const printed = figures.map(({ token }) => `"${token.text}" at ${token.start}`).join(", ");
  const there = JSON.stringify(sentence.text.slice(0, 300));
  const place = `source ${JSON.stringify(source.sourceId)} at ${sentence.start} to ${sentence.end} has ${there}`;
  const outcome = instead === undefined ? "same" : `other, "${instead.token.text}"`;
  return { holds: instead === undefined, isWhole: true, witness: `printed ${printed}; ${place}: ${outcome}` };
}

const FORM =
  /^printed (.{1,300}?); source ("(?:[^"\\]|\\.){1,200}") at (\d{1,7}) to (\d{1,7}) has "(?:[^"\\]|\\.){1,400}": (?:same|other, "([^"]{1,80})")$/;

/** Reads the passage that the witness names, and compares the digits printed here and there. */
function recheck(
  { verdict, witness }: Proof,
  claim: Claim,
  _response: string,
  sources: readonly Source[],
): boolean {
  const match = FORM.exec(witness);
  const [, printed = "", id = '""', start, end, instead] = match ?? [];
  const source = sources.find(({ sourceId }) => sourceId === JSON.parse(id));
  if (match === null || source === undefined) return false;
  if (verdict !== (instead === undefined ? "supported" : "refuted")) return false;
  const passage = source.text.slice(Number(start), Number(end));
  const figures = [...printed.matchAll(/"([^"]{1,80})" at (\d{1,4})/g)];
  const isInClaim = figures.every(([, text = "", at]) =>
    claim.text.startsWith(text.split(" ")[0] ?? text, Number(at)),
  );
  if (figures.length === 0 || !isInClaim) return false;
  if (instead === undefined) return /\p{N}|\p{L}/u.test(passage);
  return (
    squeeze(passage).includes(squeeze(instead)) &&
    figures.every(([, text = ""]) => squeeze(text) !== squeeze(instead))
  );
}

const squeeze = (text: string): string => text.replaceAll(/[\s*_`\u2060]/g, "");
