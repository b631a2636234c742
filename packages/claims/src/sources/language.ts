/** Whether a text is running English: what is matched word by word means nothing in another language. */
import { isStopWord, listWords } from "./words.ts";

const WORDS_TO_TELL = 20;
/** Of running English about 40 % are stop words, of lists and headings fewer; of other languages next to none. */
const STOP_WORD_SHARE_MIN = 0.05;

/** True as well for texts too short to tell. */
export function isEnglish(text: string): boolean {
  const words = listWords(text.slice(0, SAMPLE_CHARS));
  const stopWords = words.filter(({ lower }) => isStopWord(lower)).length;
  return words.length < WORDS_TO_TELL || stopWords >= words.length * STOP_WORD_SHARE_MIN;
}
const SAMPLE_CHARS = 20_000;
