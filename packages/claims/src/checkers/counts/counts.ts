/** The count checker: "five reasons:" against the items of the list that follows, and items that stand there twice. */
import type { Checker, Claim, Finding } from "../../types.ts";
import { figureAt, type Token } from "../../text/tokens.ts";
import { listLists, type List } from "../layout/lists.ts";
import { saysOnly } from "../only.ts";
import { readClaim } from "../reading.ts";
import { summarise, WITNESS_CHARS_MAX } from "../statement.ts";
import { splitInline } from "./inline.ts";
import { recheckCounts } from "./recheck.ts";

export const countChecker: Checker = { name: "counts", judges: "form", check, recheck: recheckCounts };

/** What is announced with one of these is not all of it, or not one by one. */
const NOT_ALL =
  /\b(?:some|few|several|examples?|such as|including|includes?|among|e\.g|for instance|main|notable|major|key|popular|top|largest|biggest|best|most|about|around|roughly|approximately|nearly|almost|at least|at most|more than|over|up to|fewer|less than|of these|of them|or more|or so|other|groups?|pairs?|categories|each|every)\b/i;
const COUNT_MAX = 1000n;

function check(claim: Claim, response: string): Finding {
  const reading = readClaim(claim);
  if (reading === undefined) return { verdict: "not-applicable" };
  const announced = readAnnouncement(claim, response, reading.tokens);
  if (announced === undefined) return { verdict: "not-applicable" };
  const { count, text, at, items, place, isNested } = announced;
  const counted = `${text} at ${at}; ${place} has ${items.length} items`;
  if (isNested) return { verdict: "undecided", witness: `${counted}, some with lists of their own` };
  if (NOT_ALL.test(claim.text)) return { verdict: "undecided", witness: `${counted}; not announced as all` };
  const repeated = findRepeated(items);
  const isDistinct = /\b(?:different|distinct|unique)\b/i.test(claim.text);
  const holds = BigInt(items.length) === count && !(isDistinct && repeated !== undefined);
  const twice = repeated === undefined ? "" : `, ${JSON.stringify(repeated.slice(0, 100))} twice`;
  const witness = `"${text}" at ${at}; ${place} has ${items.length} items${twice}: ${holds ? "holds" : "fails"}`;
  if (holds && repeated !== undefined)
    return { verdict: "undecided", witness: witness.slice(0, WITNESS_CHARS_MAX), flag: "repeated-item" };
  const isWhole = saysOnly(claim.text, VOCABULARY);
  return summarise([{ holds, isWhole, witness }], reading.reservation);
}

const VOCABULARY = new Set(
  "list lists listed following below above contains contain consists comprises items item entries entry bullet bullets points numbered different distinct unique exactly".split(
    " ",
  ),
);

type Announcement = {
  readonly count: bigint;
  readonly text: string;
  readonly at: number;
  readonly items: readonly string[];
  /** "list 120 to 300" in the response, or "claim 30 to 60". */
  readonly place: string;
  readonly isNested: boolean;
};

function readAnnouncement(
  claim: Claim,
  response: string,
  tokens: readonly Token[],
): Announcement | undefined {
  const colon = tokens.findIndex(({ text }) => text === ":");
  const head = colon < 0 ? tokens : tokens.slice(0, colon);
  const found = readCount(head, colon >= 0 || /^[*_]{0,3}:/.test(response.slice(claim.end, claim.end + 4)));
  if (found === undefined) return undefined;
  const inline = colon < 0 ? undefined : splitInline(claim.text, (tokens[colon]?.start ?? 0) + 1);
  if (inline !== undefined) {
    const { items, start, end } = inline;
    return { ...found, items, place: `claim ${start} to ${end}`, isNested: false };
  }
  if (colon >= 0 && colon < tokens.length - 1) return undefined;
  const list = findList(claim, response);
  if (list === undefined) return undefined;
  return { ...found, items: list.items, place: `list ${list.start} to ${list.end}`, isNested: list.isNested };
}

/** The list right after the claim, or the only one when the claim speaks of "the list". */
function findList(claim: Claim, response: string): List | undefined {
  const lists = listLists(response).filter(({ start, end }) => start >= claim.end || end <= claim.start);
  const next = lists.find(({ start }) => start >= claim.end);
  if (next !== undefined && /^[\s:*_.]{0,12}$/.test(response.slice(claim.end, next.start))) return next;
  return /\blist\b/i.test(claim.text) && lists.length === 1 ? lists[0] : undefined;
}

const BEFORE_COUNT =
  /^(?:are|following|these|has|have|had|contains?|comprises?|of|the|all|exactly|its|our|with)$/;
const NOUNS_MAX = 4;

/** The only figure of the announcement, a plain small count with its noun, and nothing else that could be what is listed. */
function readCount(
  tokens: readonly Token[],
  isAnnounced: boolean,
): { readonly count: bigint; readonly text: string; readonly at: number } | undefined {
  const figures = tokens.flatMap((token, at) => (figureAt(tokens, at) === undefined ? [] : [{ token, at }]));
  const [only, ...others] = figures;
  if (only === undefined || others.length > 0) return undefined;
  if (tokens.some(({ kind }) => kind === "unparsed" || kind === "ordinal" || kind === "isodate"))
    return undefined;
  const figure = only.token.figure;
  if (figure === undefined || figure.isPercent || figure.currency !== "" || figure.place !== 0)
    return undefined;
  if (figure.value.d !== 1n || figure.value.n < 1n || figure.value.n > COUNT_MAX) return undefined;
  const before = tokens[only.at - 1];
  if (before !== undefined && !BEFORE_COUNT.test(before.lower)) return undefined;
  const after = tokens.slice(only.at + 1);
  const speaksOfList = tokens.some(({ lower }) => lower === "list");
  if (!speaksOfList && !(isAnnounced && isNounPhrase(after))) return undefined;
  return { count: figure.value.n, text: only.token.text, at: only.token.start };
}

/** "reasons", "main causes of the war", "planets are as follows": what is counted is what comes. */
function isNounPhrase(tokens: readonly Token[]): boolean {
  const end = tokens.findIndex(({ lower }) =>
    /^(?:are|is|as|that|which|,|in|of|for|to|listed|below)$/.test(lower),
  );
  const nouns = end < 0 ? tokens : tokens.slice(0, end);
  const rest = end < 0 ? [] : tokens.slice(end);
  if (nouns.length === 0 || nouns.length > NOUNS_MAX || nouns.some(({ kind }) => kind !== "word"))
    return false;
  // "The 2 teams played the following matches:" lists matches.
  return !rest.some(({ lower }, at) => /^(?:these|following)$/.test(lower) && rest[at + 1]?.kind === "word");
}

function findRepeated(items: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const item of items) {
    const key = item
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
      .trim();
    if (key !== "" && seen.has(key)) return item;
    seen.add(key);
  }
  return undefined;
}
