/** Which sentences are claims. When in doubt a sentence is a claim: cue words miss more than they find. */
import type { SentenceKind } from "../types.ts";
import { findAmbiguity } from "./ambiguity.ts";

export type Selection = { readonly kind: SentenceKind; readonly reason: string };

const SENTENCE_CHARS_MAX = 2000;

/** `text` is one sentence with its markup masked out; `before` is the text of the same block that leads up to it. */
export function selectSentence(text: string, before: string): Selection {
  const why = findUncheckable(text);
  if (why !== undefined) return { kind: "not-checkable", reason: why };
  const readings = findAmbiguity(text, before);
  if (readings !== undefined) return { kind: "ambiguous", reason: readings };
  return { kind: "claim", reason: "states something that can be checked" };
}

function findUncheckable(text: string): string | undefined {
  if (text.length > SENTENCE_CHARS_MAX) return `too long: over ${SENTENCE_CHARS_MAX} characters`;
  if (/\?["”’)\]]{0,3}$/.test(text)) return "question";
  if (!/[\p{L}\p{N}]/u.test(text)) return "no statement: neither a word nor a figure";
  if (isAboutResponse(text)) return "about the response itself";
  if (/:$/.test(text) && !/\d/.test(text)) return "introduction to what follows";
  if (isInstruction(text)) return "instruction or advice";
  if (isOpinion(text)) return "opinion";
  if (isFragment(text)) return "no statement: a fragment";
  return undefined;
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

function isInstruction(text: string): boolean {
  if (
    /\b(?:you|we|one|they|he|she|people|everyone|users?|developers?) (?:should|must|ought to|need to|might want to|may want to)\b/i.test(
      text,
    )
  )
    return true;
  if (/\bit is (?:recommended|advisable|best|important) to\b/i.test(text)) return true;
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
