/** A claim that a model offers is taken only when the response itself bears it out: passages, figures, names, negation, condition. */
import { cleanText } from "../../untrusted/clean-text.ts";
import type { Span } from "../../response/sentences.ts";
import type { ProposedClaim } from "./read-reply.ts";

export type Borne = { readonly ok: true; readonly quotes: readonly Span[] };
export type NotBorne = { readonly ok: false; readonly reason: string };

export const CLAIM_CHARS_MAX = 400;
const QUOTES_MAX = 6;
/** Joining and bending words is allowed: of the longer words one in three may be new. Figures and names may not. */
const KNOWN_WORDS_MIN = 2 / 3;
/** "founded" and "founder" share so many letters. */
const STEM_CHARS = 5;

/** `window` are the places a claim may draw on: the sentence itself first, then what leads up to it. */
export function checkClaim(
  response: string,
  { text, quotes }: ProposedClaim,
  window: readonly Span[],
): Borne | NotBorne {
  const clean = cleanText(text, CLAIM_CHARS_MAX);
  if (clean.truncated || clean.hidden > 0 || clean.markers.length > 0 || clean.text !== text)
    return refuseClaim("its text is too long or holds signs that no claim holds");
  if (quotes.length === 0 || quotes.length > QUOTES_MAX)
    return refuseClaim("it names no passage, or too many");
  const places = quotes.map((quote) => findQuote(response, quote, window));
  const found = places.filter((place) => place !== undefined);
  if (found.length < places.length) return refuseClaim("a passage it names is not in the response");
  const [own] = window;
  const inside = found.filter(({ start, end }) => own !== undefined && start >= own.start && end <= own.end);
  if (inside.length === 0) return refuseClaim("it rests on no passage of its own sentence");
  const passages = found.map(({ start, end }) => response.slice(start, end)).join(" ");
  const said = inside.map(({ start, end }) => response.slice(start, end)).join(" ");
  const problem = findInvention(text, passages) ?? findChange(text, said);
  return problem === undefined ? { ok: true, quotes: found } : refuseClaim(problem);
}

function findQuote(response: string, quote: string, window: readonly Span[]): Span | undefined {
  if (quote.trim() === "") return undefined;
  for (const { start, end } of window) {
    const at = response.slice(start, end).indexOf(quote);
    if (at >= 0) return { start: start + at, end: start + at + quote.length };
  }
  return undefined;
}

function findInvention(text: string, passages: string): string | undefined {
  const known = new Set(listFigures(passages));
  const figure = listFigures(text).find((one) => !known.has(one));
  if (figure !== undefined) return `the figure ${figure} is not in its passages`;
  const lower = passages.toLowerCase();
  const words = new Set(lower.match(WORD) ?? []);
  const name = listNames(text).find((one) => !words.has(one.toLowerCase()));
  if (name !== undefined) return `the name ${name} is not in its passages`;
  const stems = new Set([...words].map(stemOf));
  const longer = (text.toLowerCase().match(WORD) ?? []).filter((word) => word.length > 3);
  const isKnown = longer.filter((word) => stems.has(stemOf(word))).length >= longer.length * KNOWN_WORDS_MIN;
  return isKnown ? undefined : "most of its words are not in its passages";
}

const WORD = /[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*/gu;
const stemOf = (word: string): string => word.slice(0, STEM_CHARS);

export function listFigures(text: string): readonly string[] {
  return (text.match(/\d+(?:[.,:/]\d+)*/g) ?? []).map((figure) => figure.replaceAll(",", ""));
}

/** Capitalised words but the first, which may be any word. */
export function listNames(text: string): readonly string[] {
  const words = [...text.matchAll(WORD)];
  return words.filter(({ 0: word, index }) => index > 0 && /^\p{Lu}/u.test(word)).map(([word]) => word);
}

const NEGATION = /\b(?:not|no|never|none|nobody|neither|nor|without|cannot|hardly)\b|n['’]t\b/i;
const CONDITION = /\b(?:if|unless|provided|assuming)\b/i;
const SAYING =
  /\b(?:according to|says?|said|claim(?:s|ed)|believes?|believed|argue[sd]?|report(?:s|ed)|allege[sd]?|estimate[sd]?)\b/i;

/** Words that turn a statement round must be in both or in neither. */
function findChange(text: string, said: string): string | undefined {
  if (NEGATION.test(text) !== NEGATION.test(said)) return "a negation was lost or added";
  if (CONDITION.test(said) && !CONDITION.test(text)) return "a condition was lost";
  if (SAYING.test(said) && !SAYING.test(text)) return "who says so was lost";
  return undefined;
}

function refuseClaim(reason: string): NotBorne {
  return { ok: false, reason };
}
