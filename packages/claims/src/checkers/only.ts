/** Whether a claim says one thing and nothing else. */
import { isStopWord, listWords } from "../sources/words.ts";
import { isNumberWord } from "../text/number-words.ts";

/** True when each word is one of `vocabulary` or carries no content. Figures are left to the caller. */
export function saysOnly(text: string, vocabulary: ReadonlySet<string>): boolean {
  return listWords(text).every(
    ({ lower }) => isStopWord(lower) || vocabulary.has(lower) || isNumberWord(lower) || /^\p{N}/u.test(lower),
  );
}
