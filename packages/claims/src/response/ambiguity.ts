/** Sentences that leave more than one reading: they are named and left alone, since a verdict on one reading would be a guess. */

/** The readings that are left, in plain words; undefined when there is one. */
export function findAmbiguity(text: string): string | undefined {
  return (
    findAmbiguousDate(text) ??
    findMovingTime(text) ??
    findDoubleWord(text) ??
    findOpenUnit(text) ??
    findEllipsis(text)
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
  /\b(?:yesterday|today is|tomorrow|tonight|last (?:week|month|year|decade|century|night|spring|summer|autumn|fall|winter)|next (?:week|month|year|decade|century)|this (?:week|month|year|decade|century)|(?:\d+|one|two|three|four|five|six|ten|a few|several|some) (?:days?|weeks?|months?|years?|decades?) ago)\b/i;

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

/** A gallon is a fifth larger on one side of the ocean. */
function findOpenUnit(text: string): string | undefined {
  const match = /(?<![\d.,])\d[\d.,]*\s?gallons?\b/i.exec(text);
  const isNamed = /\b(?:imperial|US|U\.S\.|UK|British|American)\b/.test(text);
  return match === null || isNamed ? undefined : `"${match[0]}" can be US or imperial gallons`;
}

/** What was left out can only be filled in from outside. */
function findEllipsis(text: string): string | undefined {
  if (/^(?:so|neither|nor) (?:do|does|did|is|are|was|were|has|have|had|can|will)\b/i.test(text))
    return "it leaves out what it says of its subject";
  return /\b(?:etc\.?|and so on|and so forth)$/i.test(text) && text.length < 30
    ? "it leaves out the rest of a list"
    : undefined;
}
