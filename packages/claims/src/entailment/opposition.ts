/** Whether the passage that shares the claim's words may say the opposite: another polarity, or the other word of a pair. */
import { listWords } from "../sources/words.ts";

const NEGATION =
  /\b(?:not|never|no|none|nobody|nothing|without|neither|nor|cannot|denied|denies|failed to)\b|n['’]t\b/i;

const PAIRS = `
rose fell,rise fall,rises falls,risen fallen,increase decrease,increased decreased,increases decreases,increasing decreasing,
won lost,win lose,wins loses,winner loser,victory defeat,gained lost,accepted rejected,approved rejected,allowed banned,legal illegal,
first last,highest lowest,largest smallest,biggest smallest,longest shortest,oldest youngest,best worst,more fewer,more less,
higher lower,larger smaller,older younger,longer shorter,earlier later,most least,maximum minimum,majority minority,
north south,northern southern,east west,eastern western,left right,above below,opened closed,open closed,began ended,start end,
born died,alive dead,father mother,son daughter,brother sister,husband wife,male female,men women,man woman,king queen,
success failure,successful unsuccessful,guilty innocent,convicted acquitted,profit loss,import export,imports exports,
arrived departed,joined left,entered left,bought sold,expanded shrank,support oppose,supported opposed,agree disagree`;

const OPPOSITES: ReadonlyMap<string, readonly string[]> = readPairs();

function readPairs(): ReadonlyMap<string, readonly string[]> {
  const opposites = new Map<string, string[]>();
  for (const pair of PAIRS.trim().split(/,\s*/)) {
    const [one = "", other = ""] = pair.split(" ");
    opposites.set(one, [...(opposites.get(one) ?? []), other]);
    opposites.set(other, [...(opposites.get(other) ?? []), one]);
  }
  return opposites;
}

export type Opposition = {
  /** In plain words. */
  readonly reason: string;
  /** Words that stand against each other: no part of what the two share. */
  readonly words: readonly string[];
};

export function findOpposition(claim: string, passage: string): Opposition | undefined {
  if (NEGATION.test(claim) !== NEGATION.test(passage))
    return { reason: "one of claim and passage is negated", words: [] };
  const there = new Set(listWords(passage).map(({ lower }) => lower));
  for (const { lower } of listWords(claim)) {
    const opposite = there.has(lower) ? undefined : OPPOSITES.get(lower)?.find((word) => there.has(word));
    if (opposite === undefined) continue;
    return { reason: `"${lower}" in the claim, "${opposite}" in the passage`, words: [lower, opposite] };
  }
  return undefined;
}
