/** A claim beside its evidence, in five numbers: how much of it the evidence has, how close together, and what is missing. */
import { isSameFigure, readContent, stemOf, weigh, type Content } from "./content.ts";
import { isStopWord, listWords, toStem } from "../sources/words.ts";
import { findOpposition } from "./opposition.ts";

export const SUPPORT_FEATURES = [
  "coverage",
  "window",
  "weakest-clause",
  "missing-figures",
  "missing-names",
] as const;

export type SupportDescription = {
  /** In the order of SUPPORT_FEATURES. */
  readonly features: readonly number[];
  /** 0 to 1: how much evidence there was to look at, beside the size of the claim. */
  readonly thickness: number;
  readonly missing: { readonly figures: readonly string[]; readonly names: readonly string[] };
  /** Why the closest passage may say the opposite. */
  readonly opposition: string | undefined;
};

/** Facts are told in one sentence or in two that follow each other. */
const WINDOW = 2;

/** Undefined for a claim without content words. `sentences` in the order of their source. */
export function describeSupport(claim: string, sentences: readonly string[]): SupportDescription | undefined {
  const said = readContent(claim);
  const stems = [...new Set(said.stems)];
  if (stems.length === 0) return undefined;
  const contents = sentences.map(readContent);
  const [all, windows] = [createSet(contents), listWindows(contents)];
  const best = findBest(stems, windows);
  const missing = {
    figures: said.figures.filter((figure) => !isIn(figure, contents)).map(({ text }) => text),
    names: said.names.filter((name) => !all.has(name)),
  };
  const words = contents.reduce((count, { stems: { length } }) => count + length, 0);
  return {
    features: [
      computeCoverage(stems, all, listBeginnings(all)),
      best.coverage,
      computeWeakestClause(claim, windows),
      said.figures.length === 0 ? 0 : missing.figures.length / said.figures.length,
      // The second name that is missing says less than the first.
      Math.log1p(missing.names.length),
    ],
    thickness: words / (words + stems.length),
    missing,
    opposition: findOppositeSentence(claim, stems, sentences, contents),
  };
}

function createSet(contents: readonly Content[]): Set<string> {
  return new Set(contents.flatMap(({ stems }) => stems));
}

function listWindows(contents: readonly Content[]): Array<ReadonlySet<string>> {
  return contents.map((_, at) => createSet(contents.slice(at, at + WINDOW)));
}

function isIn(figure: Content["figures"][number], contents: readonly Content[]): boolean {
  return contents.some(({ figures }) => figures.some((found) => isSameFigure(figure, found)));
}

function findBest(stems: readonly string[], windows: ReadonlyArray<ReadonlySet<string>>) {
  let best = { coverage: 0, at: 0 };
  for (const [at, window] of windows.entries()) {
    const coverage = computeCoverage(stems, window);
    if (coverage > best.coverage) best = { coverage, at };
  }
  return best;
}

/** From here on claim and sentence say the same in the same words, and one "not" turns it round. */
const SHARED_SHARE_MIN = 0.6;

/** In a sentence that says much else a "not" may belong to the rest. */
function findOppositeSentence(
  claim: string,
  stems: readonly string[],
  sentences: readonly string[],
  contents: readonly Content[],
): string | undefined {
  for (const [at, sentence] of sentences.entries()) {
    const opposition = findOpposition(claim, sentence);
    if (opposition === undefined) continue;
    const there = new Set(contents[at]?.stems);
    const opposed = new Set(opposition.words.map(toStem));
    const union = [...new Set([...stems, ...there])].filter((stem) => !opposed.has(stem));
    const shared = sumWeights(union.filter((stem) => there.has(stem) && stems.includes(stem)));
    if (shared > 0 && shared >= sumWeights(union) * SHARED_SHARE_MIN) return opposition.reason;
  }
  return undefined;
}

function sumWeights(stems: readonly string[]): number {
  return stems.reduce((sum, stem) => sum + weigh(stem), 0);
}

const BEGINNING_CHARS = 5;
const HALF = 0.5;

/** Share of the claim's content by weight. A long word of which only the beginning is found counts half: "colonial", "colony". */
function computeCoverage(
  stems: readonly string[],
  found: ReadonlySet<string>,
  beginnings: ReadonlySet<string> = new Set(),
): number {
  let [covered, total] = [0, 0];
  for (const stem of stems) {
    const weight = weigh(stem);
    const isBegun = stem.length > BEGINNING_CHARS && beginnings.has(stem.slice(0, BEGINNING_CHARS));
    total += weight;
    covered += found.has(stem) ? weight : isBegun ? weight * HALF : 0;
  }
  return total === 0 ? 1 : covered / total;
}

function listBeginnings(stems: ReadonlySet<string>): Set<string> {
  return new Set(
    [...stems].flatMap((stem) => (stem.length >= BEGINNING_CHARS ? [stem.slice(0, BEGINNING_CHARS)] : [])),
  );
}

/** A claim is supported when all of its parts are: the part that the windows cover least. */
function computeWeakestClause(claim: string, windows: ReadonlyArray<ReadonlySet<string>>): number {
  const coverages = listClauses(claim).map((stems) => findBest(stems, windows).coverage);
  return coverages.length === 0 ? 1 : Math.min(...coverages);
}

const JOINTS = new Set("and which who while but where when after before because as".split(" "));
/** A single word is no part of its own. */
const CLAUSE_STEMS_MIN = 2;

function listClauses(claim: string): string[][] {
  const clauses: string[][] = [[]];
  let end = 0;
  for (const word of listWords(claim)) {
    const last = clauses.at(-1) ?? [];
    const isJoint = /[,;:()"—–]/.test(claim.slice(end, word.start)) || JOINTS.has(word.lower);
    end = word.end;
    if (isJoint && last.length >= CLAUSE_STEMS_MIN) clauses.push([]);
    if (!isStopWord(word.lower)) clauses.at(-1)?.push(stemOf(word));
  }
  const last = clauses.at(-1) ?? [];
  if (clauses.length > 1 && last.length < CLAUSE_STEMS_MIN) clauses.at(-2)?.push(...(clauses.pop() ?? []));
  return clauses.filter(({ length }) => length > 0);
}
