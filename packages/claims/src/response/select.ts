/** Which sentences are claims. When in doubt a sentence is a claim: cue words miss more than they find. */
import type { SentenceCategory, SentenceKind } from "../types.ts";
import { findAmbiguity } from "./ambiguity.ts";

export type Selection = {
  readonly kind: SentenceKind;
  readonly category: SentenceCategory;
  readonly reason: string;
};

const SENTENCE_CHARS_MAX = 2000;

/** `text` is one sentence with its markup masked out. What its pronouns stand for is settled elsewhere. */
export function selectSentence(text: string): Selection {
  const uncheckable = findUncheckable(text);
  if (uncheckable !== undefined) return { kind: "not-checkable", ...uncheckable };
  const readings = findAmbiguity(text);
  if (readings !== undefined) return { kind: "ambiguous", category: "ambiguous", reason: readings };
  return { kind: "claim", category: "fact", reason: "states something that can be checked" };
}

type Uncheckable = { readonly category: SentenceCategory; readonly reason: string };

function findUncheckable(text: string): Uncheckable | undefined {
  if (text.length > SENTENCE_CHARS_MAX)
    return { category: "fragment", reason: `too long: over ${SENTENCE_CHARS_MAX} characters` };
  if (/[?？]["”’)\]]{0,3}$/.test(text)) return { category: "question", reason: "question" };
  if (!/[\p{L}\p{N}]/u.test(text))
    return { category: "fragment", reason: "no statement: neither a word nor a figure" };
  if (isAboutResponse(text)) return { category: "meta", reason: "about the response itself" };
  if (/:$/.test(text) && !/\d/.test(text))
    return { category: "introduction", reason: "introduction to what follows" };
  if (isHypothetical(text)) return { category: "hypothetical", reason: "hypothetical: says what would be" };
  if (isAdvice(text)) return { category: "advice", reason: "instruction or advice" };
  if (isInstruction(text)) return { category: "instruction", reason: "instruction or advice" };
  if (isOpinion(text)) return { category: "opinion", reason: "opinion" };
  if (isFragment(text)) return { category: "fragment", reason: "no statement: a fragment" };
  return undefined;
}

/** "Imagine a town of 500": nothing is said of any town. "If X were ..., it would ..." neither. */
function isHypothetical(text: string): boolean {
  if (/^(?:imagine|suppose|picture|let(?:'|’)s say|say you)\b/i.test(text)) return true;
  return /^(?:if|had|were)\b/i.test(text) && /\b(?:would|could|might)(?:n['’]t)?(?: have| be)?\b/i.test(text);
}

const RESPONSE_TALK =
  /^(?:sure|certainly|of course|absolutely|great question|good question|hello|hi|thanks|thank you|you(?:'|’)re welcome|sorry|i hope|hope (?:this|that)|let me know|feel free|here(?:'s| is| are|’s)|below (?:is|are)|as an ai|i(?:'|’)m an ai|in this (?:response|answer|article)|(?:i|we) (?:will|can|could|cannot|can't|don't have)|let(?:'|’)s|if you (?:have|need|want|would like))\b/i;

function isAboutResponse(text: string): boolean {
  return RESPONSE_TALK.test(text);
}

const IMPERATIVES =
  "please don't dont do never always remember consider try use add avoid make ensure check click open run install choose select take keep stir mix bake preheat write read visit call contact see start stop go get let compare imagine suppose assume calculate compute solve think look bring put place turn wait enjoy follow repeat find replace update delete copy paste press type set define create convert multiply divide subtract";
const IMPERATIVE = new RegExp(
  `^(?:(?:first|then|next|finally|now|also|and|so),? )?(?:${IMPERATIVES.split(" ").join("|")})\\b(?! (?:of|is|was|are|were|has|had|time|s)\\b)`,
  "i",
);

function isAdvice(text: string): boolean {
  if (
    /\b(?:you|we|one|they|he|she|people|everyone|users?|developers?) (?:should|must|ought to|need to|might want to|may want to)\b/i.test(
      text,
    )
  )
    return true;
  return /\bit is (?:recommended|advisable|best|important) to (?!(?:note|remember|understand|keep in mind) that)\b/i.test(
    text,
  );
}

function isInstruction(text: string): boolean {
  if (/^(?:please )?(?:note|remember|keep in mind) that\b/i.test(text)) return false;
  return IMPERATIVE.test(text) && !/^[\p{L}]+(?:'|’)s\b/u.test(text);
}

const FIRST_PERSON =
  /(?:^|[\s(,;])(?:i|we) (?:personally |really |strongly |do )?(?:think|believe|feel|guess|suppose|like|love|hate|prefer|hope|wish|find|recommend|suggest|would|enjoy|doubt)\b|\b(?:in my (?:opinion|view|experience)|imho|to my mind|my favou?rite|personally)\b/i;
const VALUE_WORDS =
  /(?<![-\p{L}])(?:beautiful|wonderful|amazing|awesome|delicious|tasty|lovely|charming|terrible|awful|horrible|boring|fascinating|overrated|underrated|breathtaking|stunning|delightful|gorgeous|ugly|disgusting|inspiring|magnificent|enjoyable|unforgettable|arguably|must-see|worth (?:it|visiting|seeing|reading|the)|sadly|unfortunately|fortunately)(?![-\p{L}])/iu;

/** A sentence of values that also prints a figure or a quotation still holds something to check. */
function isOpinion(text: string): boolean {
  if (FIRST_PERSON.test(text)) return true;
  return VALUE_WORDS.test(text) && !/[\d"“”]/.test(text);
}

function isFragment(text: string): boolean {
  const words = text.match(/[\p{L}\p{N}][^\s]{0,60}/gu) ?? [];
  const isEquation = /\d\s*[=<>≈]\s*[-−]?\d/.test(text);
  if (isEquation) return false;
  return words.length < 2 || (words.length < 3 && !/[.!]$/.test(text)) || !/\p{L}{2}/u.test(text);
}
