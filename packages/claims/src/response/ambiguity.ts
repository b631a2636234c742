/** Sentences that leave more than one reading: they are named and left alone, since a verdict on one reading would be a guess. */

/** The readings that are left, in plain words; undefined when there is one. */
export function findAmbiguity(text: string, before: string): string | undefined {
  return (
    findAmbiguousDate(text) ?? findMovingTime(text) ?? findDoubleWord(text) ?? findOpenPronoun(text, before)
  );
}

function findAmbiguousDate(text: string): string | undefined {
  for (const [date, first, second] of text.matchAll(
    /(?<![\d/.])(\d{1,2})[/.](\d{1,2})[/.](?:\d{4}|\d{2})(?![\d/])/g,
  )) {
    const [one, two] = [Number(first), Number(second)];
    if (one >= 1 && two >= 1 && one <= 12 && two <= 12 && one !== two)
      return `"${date}" can be read day first or month first`;
  }
  return undefined;
}

const MOVING_TIME =
  /\b(?:yesterday|today|tomorrow|tonight|last (?:week|month|year|decade|century|night|spring|summer|autumn|fall|winter)|next (?:week|month|year|decade|century)|this (?:week|month|year|decade|century)|(?:\d+|one|two|three|four|five|six|ten|a few|several|some) (?:days?|weeks?|months?|years?|decades?) ago|recently|nowadays)\b/i;

/** "last year" means another year to each day's reader. With a year in the sentence, it is taken as said from there. */
function findMovingTime(text: string): string | undefined {
  const match = MOVING_TIME.exec(text);
  if (match === null || /(?<!\d)(?:1[0-9]|20)\d{2}(?!\d)/.test(text)) return undefined;
  return `"${match[0]}" depends on when it was written`;
}

const DOUBLE_WORDS: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bbi-?weekly\b/i, `"biweekly" is twice a week or every two weeks`],
  [/\bbi-?monthly\b/i, `"bimonthly" is twice a month or every two months`],
  [
    /\bnext (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b/i,
    `"next" weekday is this week's or next week's`,
  ],
];

function findDoubleWord(text: string): string | undefined {
  return DOUBLE_WORDS.find(([pattern]) => pattern.test(text))?.[1];
}

const PERSON = /^(?:(?:but|and|so|then|later|however|also|today|in \d{4}|at first),? )?(he|she|his|her)\b/i;
const THING =
  /^(?:(?:but|and|so|then|later|however|also|in \d{4}),? )?(it|they|this|that|these|those|its|their)\b(?! (?:is|was) (?:said|known|believed|thought|true|clear|possible|not|raining)\b)/i;
/** "This tower", "that year": the noun narrows it down, but to what only the text before can say. */
const PLEONASTIC =
  /^it (?:takes|rains|snows|seems|appears|turns out|follows|is (?:a|the|an) (?:fact|case))\b/i;

/** A leading pronoun needs one thing before it that it can stand for. */
function findOpenPronoun(text: string, before: string): string | undefined {
  if (PLEONASTIC.test(text)) return undefined;
  const pronoun = (PERSON.exec(text) ?? THING.exec(text))?.[1];
  if (pronoun === undefined) return undefined;
  if (before.trim() === "") return `"${pronoun}" stands for something that is not named`;
  const previous = before.slice(-600);
  const names = listNames(previous);
  if (names.length > 1) return `"${pronoun}" can stand for ${names.slice(0, 3).join(" or ")}`;
  return undefined;
}

/** Names in the sentence before: runs of capitalised words, each counted once; a month or a weekday is nobody. */
function listNames(text: string): string[] {
  const lastSentence =
    text
      .trimEnd()
      .split(/(?<=[.!?])\s+(?=\p{Lu})/u)
      .at(-1) ?? "";
  const runs =
    lastSentence.match(
      /\p{Lu}[\p{L}'’-]{1,40}(?: (?:of |de |van |von |the )?\p{Lu}[\p{L}'’-]{0,40}){0,5}/gu,
    ) ?? [];
  const names = runs.map((run) =>
    run.replace(
      /^(?:The|A|An|In|On|At|But|And|When|After|Before|For|From|Its?|This|That|These|Those|They|He|She|His|Her|Their|As|If|By|With|Both|Most|Many|Some|While|Since|During|Although|Today|Later|Each)(?: |$)/,
      "",
    ),
  );
  const calendar =
    /^(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)s?$/;
  const kept = names.filter((name) => name.length > 1 && !calendar.test(name));
  const distinct = kept.filter(
    (name, at) => !kept.slice(0, at).some((other) => other.endsWith(name) || name.endsWith(other)),
  );
  return distinct;
}
