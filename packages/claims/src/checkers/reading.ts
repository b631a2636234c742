/** What every checker reads of a claim: its masked text, its tokens, and whether it asserts what it says at all. */
import type { Claim } from "../types.ts";
import { MASK, maskMarkup } from "../response/markup.ts";
import { tokenize, type Token } from "../text/tokens.ts";

export type Reading = {
  /** Same length as the claim's text, markup masked. */
  readonly text: string;
  readonly tokens: readonly Token[];
  /** Why a true or false content would not make the claim true or false; undefined for a plain assertion. */
  readonly reservation: string | undefined;
};

const CLAIM_CHARS_MAX = 2000;
const readings = new WeakMap<Claim, Reading>();

/** Undefined for a claim too long to look at. */
export function readClaim(claim: Claim): Reading | undefined {
  const known = readings.get(claim);
  if (known !== undefined) return known;
  if (claim.text.length > CLAIM_CHARS_MAX) return undefined;
  const text = maskMarkup(claim.text);
  const tokens = tokenize(text);
  if (tokens === undefined) return undefined;
  const reading = { text, tokens, reservation: findReservation(text.replaceAll(MASK, "")) };
  readings.set(claim, reading);
  return reading;
}

const RESERVATIONS: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b(?:not|never|cannot|neither|nor|no longer|nobody|none)\b|n['’]t\b/i, "the claim is negated"],
  [/\b(?:there (?:is|was|are|were) no|no such)\b/i, "the claim is negated"],
  [
    /\b(?:false|incorrect|wrong|untrue|myth|misconception|mistaken(?:ly)?|error|hoax|contrary|rather than|instead of)\b/i,
    "the claim speaks about an error",
  ],
  [
    /\b(?:if|suppose|supposing|assuming|imagine|would|unless|whether|hypothetical(?:ly)?|were to)\b/i,
    "the claim is conditional",
  ],
  [
    /\b(?:might|may(?! \d)|could|perhaps|maybe|possibly|probably|likely|allegedly|supposedly|reportedly|rumou?red)\b/,
    "the claim is hedged",
  ],
  [
    /\b(?:claim(?:s|ed)?|believe[sd]?|argue[sd]?|thinks?|thought|guess(?:ed|es)?|estimate[sd]?|predict(?:s|ed)?|expect(?:s|ed)?|alleges?|pretend(?:s|ed)?) (?:that|to)\b/i,
    "the claim reports what another holds",
  ],
];

function findReservation(text: string): string | undefined {
  return RESERVATIONS.find(([pattern]) => pattern.test(text))?.[1];
}

/** Words that leave a computed statement as it was. */
const FILLERS = new Set(
  "so therefore thus hence then that this means mean which i e in other words calculating simply exactly precisely the a an and also indeed note recall example for instance since because as we know of course result equation calculation mathematically arithmetically e g consequently finally first second overall it follows correct true fact".split(
    " ",
  ),
);

/** True when nothing but fillers and punctuation stands outside tokens `from` up to `to`. */
export function isWhole(tokens: readonly Token[], from: number, to: number): boolean {
  return tokens.every(
    (token, at) =>
      (at >= from && at < to) ||
      (token.kind === "symbol" && !/[=<>%$€£+*/^]/.test(token.text)) ||
      FILLERS.has(token.lower),
  );
}

const APPROXIMATORS = new Set(
  "about approximately roughly around circa ca approx nearly almost ~ ≈".split(" "),
);
const EXACTORS = new Set(["exactly", "precisely", "just"]);

/** Steps over "about", "exactly" and the like. */
export function skipApproximators(
  tokens: readonly Token[],
  from: number,
): { next: number; isApproximate: boolean } {
  let [next, isApproximate] = [from, false];
  for (let token = tokens[next]; token !== undefined; token = tokens[next]) {
    if (APPROXIMATORS.has(token.lower)) isApproximate = true;
    else if (!EXACTORS.has(token.lower) && !(token.text === "." && isApproximate)) break;
    next++;
  }
  return { next, isApproximate };
}

/** The phrase of words at `at`: index after it, or undefined. Phrases are written in lower case, words parted by a space. */
export function matchPhrase(
  tokens: readonly Token[],
  at: number,
  phrases: readonly string[],
): number | undefined {
  for (const phrase of phrases) {
    const words = phrase.split(" ");
    if (words.every((word, offset) => tokens[at + offset]?.lower === word)) return at + words.length;
  }
  return undefined;
}
