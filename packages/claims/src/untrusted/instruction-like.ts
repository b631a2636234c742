/**
 * Whether a claim speaks to whoever checks it instead of about the world. Lexical and deterministic, so that anyone can
 * find the same label: it decides what is shown and that nobody is slashed over the claim, never what is true.
 */
import { cleanText } from "./clean-text.ts";
import { decodeHidden } from "./decode-hidden.ts";
import { ADDRESSES, PHRASES, type Phrases } from "./instruction-phrases.ts";

export type InstructionSign = "override" | "directed-answer" | "address" | "marker" | "hidden-text";

/** A claim is a sentence; what is longer is looked at up to here, and its end as well. */
const CHARACTERS_MAX = 8_000;
/** More hidden characters than any script's joiners account for are a message of their own. */
const HIDDEN_MAX = 12;

/** Empty when nothing speaks to the verifier. */
export function findInstructions(text: string): readonly InstructionSign[] {
  const window =
    text.length <= CHARACTERS_MAX
      ? text
      : text.slice(0, CHARACTERS_MAX / 2) + text.slice(-CHARACTERS_MAX / 2);
  const clean = cleanText(window, CHARACTERS_MAX);
  const signs = new Set<InstructionSign>();
  if (clean.markers.length > 0) signs.add("marker");
  if (clean.hidden > HIDDEN_MAX) signs.add("hidden-text");
  for (const sign of findSigns(foldText(clean.text))) signs.add(sign);
  for (const hidden of decodeHidden(window, clean.text))
    if (findSigns(foldText(hidden)).length > 0) signs.add("hidden-text");
  return [...signs];
}

/** True when the claim addresses its verifier. */
export function isInstructionLike(text: string): boolean {
  return findInstructions(text).length > 0;
}

function findSigns(folded: string): readonly InstructionSign[] {
  const signs: InstructionSign[] = [];
  if (RULES.some(({ override }) => override.test(folded))) signs.push("override");
  if (RULES.some(({ answer }) => answer.test(folded))) signs.push("directed-answer");
  if (ADDRESS.test(folded)) signs.push("address");
  return signs;
}

/** Case, accents, width and look-alike letters are no disguise. */
export function foldText(text: string): string {
  const plain = text
    .normalize("NFKD")
    .replace(/\p{Mn}+/gu, "")
    .toLowerCase();
  return plain
    .replace(
      /\p{Script=Latin}[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]*|[\p{Script=Cyrillic}\p{Script=Greek}]+\p{Script=Latin}[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]*/gu,
      (word) =>
        word.replace(/[\p{Script=Cyrillic}\p{Script=Greek}]/gu, (letter) => LOOK_ALIKES[letter] ?? letter),
    )
    .replace(/[\s*_~`]+/gu, " ")
    .normalize("NFKC");
}

/** Only inside words that hold a Latin letter: Russian and Greek stay themselves. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  ...{
    а: "a",
    е: "e",
    о: "o",
    р: "p",
    с: "c",
    у: "y",
    х: "x",
    і: "i",
    ј: "j",
    ѕ: "s",
    к: "k",
    м: "m",
    т: "t",
  },
  ...{
    в: "b",
    н: "h",
    г: "r",
    п: "n",
    ԁ: "d",
    ɡ: "g",
    α: "a",
    ε: "e",
    ο: "o",
    ρ: "p",
    ι: "i",
    κ: "k",
    ν: "v",
    τ: "t",
    υ: "u",
  },
};

type Rule = { readonly override: RegExp; readonly answer: RegExp };

const RULES: readonly Rule[] = PHRASES.map(toRule);
const ADDRESS = new RegExp(ADDRESSES.join("|"), "u");

/**
 * Gaps are bounded and stop at the end of a sentence: scanning stays linear. Where words have spaces, an order stands at the start of a
 * clause ("..., ignore the rules"): a report ("they chose to ignore the rules") does not.
 */
function toRule({ spaced, objectFirst, ...words }: Phrases): Rule {
  const [start, ignore, instructions] = [words.start, words.ignore, words.instructions].map(foldText);
  const [answer, verdicts] = [words.answer, words.verdicts].map(foldText);
  const before = spaced ? `(?:^|[.!?;:,"'“”„«»()[\\]{}<>#=|/\\-–—>]\\s?|\\b(?:${start})\\s)` : "";
  const after = spaced ? "(?![\\p{L}])" : "";
  const gap = "[^.!?。！？]{0,48}?";
  const word = spaced ? "(?<![\\p{L}])" : "";
  const order = objectFirst
    ? `${word}(?:${instructions})${gap}(?:${ignore})${after}`
    : `${before}(?:${ignore})${after}${gap}${word}(?:${instructions})${after}`;
  const told = objectFirst
    ? `${word}(?:${verdicts})${after}.{0,24}?(?:${answer})${after}`
    : `${before}(?:${answer})${after}.{0,48}?${word}(?:${verdicts})${after}`;
  return { override: new RegExp(order, "u"), answer: new RegExp(told, "u") };
}
