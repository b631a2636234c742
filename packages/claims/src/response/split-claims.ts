/** Sentence -> claims. A sentence is taken apart only where each part says by itself what it said before. */
import type { Span } from "./sentences.ts";

const VERBS =
  "is are was were has have had contains contain covers cover lies lie became become won died opened built weighs weigh measures measure equals equal makes orbits orbit boils boil freezes freeze melts rose fell grew sold employs costs cost began ended started closed wrote invented discovered founded moved joined left lost produced published signed crossed consists holds hosts hosted flows stands stood lives lived lasts lasted".split(
    " ",
  );
const VERB = new RegExp(`\\b(?:${VERBS.join("|")})\\b`);
/** Words that tie a part to what stands outside it. */
const TIES =
  /\b(?:so|therefore|thus|hence|total|sum|together|combined|difference|respectively|both|each|either|neither|between|than|that|which|who|whose|where|when|while|whereas|if|because|since|although|though|until|unless|as|also|too|another|other|others|former|latter|same|average|mean|ratio|product|plus|minus|times|altogether|his|her|hers|its|their|theirs|it|he|she|they|them|this|these|those|there|then|later|not|never|only|instead)\b/i;
/** An opening that would govern both parts. */
const OPENING =
  /^(?:in|on|at|by|between|during|when|if|although|since|because|while|after|before|from|under|with|without|for|of|according|despite|as|once|until|unlike|like|throughout|to)\b/i;

/** Spans of the claims of one sentence: at least one; together they hold every word but the joints. */
export function splitClaims(text: string, sentence: Span): Span[] {
  if (/["“”()[\]=–—:]/.test(text) || OPENING.test(text)) return [sentence];
  const parts = cutAtJoints(text);
  if (parts.length < 2 || !parts.every((part) => standsAlone(text.slice(part.start, part.end))))
    return [sentence];
  return parts.map(({ start, end }) => ({ start: sentence.start + start, end: sentence.start + end }));
}

function cutAtJoints(text: string): Span[] {
  const parts: Span[] = [];
  let start = 0;
  for (const joint of text.matchAll(/(?:; (?:and |but )?|, (?:and|but) | and | but )/g)) {
    const rest = text.slice(joint.index + joint[0].length);
    if (!startsClause(rest)) continue;
    parts.push({ start, end: joint.index });
    start = joint.index + joint[0].length;
  }
  return [...parts, { start, end: text.length }];
}

/** A subject of its own and, soon after it, a verb. */
function startsClause(text: string): boolean {
  const head = text.slice(0, 120);
  const isSubject = /^(?:the |a |an )?[\p{Lu}\d]|^(?:the|a|an) \p{L}/u.test(head);
  const verb = VERB.exec(head);
  return isSubject && verb !== null && !/[,;]| and | or /.test(head.slice(0, verb.index));
}

function standsAlone(part: string): boolean {
  return (
    part.length >= 8 && VERB.test(part) && !TIES.test(part) && /^(?:the |a |an )?[\p{L}\p{N}]/iu.test(part)
  );
}
