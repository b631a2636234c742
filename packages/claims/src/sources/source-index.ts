/** What is computed once for each source: its words, its sentences, their figures. */
import { MASK, maskMarkup } from "../response/markup.ts";
import { splitSentences } from "../response/sentences.ts";
import { tokenize, type Token } from "../text/tokens.ts";
import type { Source } from "../types.ts";
import { isEnglish } from "./language.ts";
import { listWords, toStem, type Word } from "./words.ts";

/** Longer sources are not searched: a checker must answer in bounded time. */
export const SOURCE_CHARS_MAX = 512 * 1024;
export const SOURCES_MAX = 64;
const SENTENCE_CHARS_MAX = 2000;

export type SourceSentence = {
  readonly start: number;
  readonly end: number;
  /** Markup removed, white space single. */
  readonly text: string;
  readonly tokens: readonly Token[];
};

export type SourceIndex = {
  readonly source: Source;
  readonly words: readonly Word[];
  readonly sentences: () => readonly SourceSentence[];
  /** Its words and those of its title, as they stand and cut to stems, lower case. */
  readonly vocabulary: () => ReadonlySet<string>;
  /** True as well where there is too little to tell. */
  readonly isEnglish: () => boolean;
};

const indexes = new WeakMap<Source, SourceIndex>();

export function indexSources(sources: readonly Source[]): SourceIndex[] {
  return sources.slice(0, SOURCES_MAX).flatMap((source) => {
    if (source.text.length > SOURCE_CHARS_MAX) return [];
    const known = indexes.get(source);
    if (known !== undefined) return [known];
    const index = createIndex(source);
    indexes.set(source, index);
    return [index];
  });
}

function createIndex(source: Source): SourceIndex {
  const words = listWords(maskMarkup(source.text));
  let sentences: readonly SourceSentence[] | undefined;
  let vocabulary: ReadonlySet<string> | undefined;
  let english: boolean | undefined;
  return {
    source,
    words,
    sentences: () => (sentences ??= listSentences(source.text)),
    vocabulary: () => (vocabulary ??= createVocabulary([...listWords(source.title), ...words])),
    isEnglish: () => (english ??= isEnglish(source.text)),
  };
}

function createVocabulary(words: readonly Word[]): Set<string> {
  return new Set(words.flatMap(({ lower }) => [lower, lower.replace(/'s$/, ""), toStem(lower)]));
}

/** Blocks are parted by blank lines, headings and list marks: a source is searched, not judged, and may be long. */
function listSentences(text: string): SourceSentence[] {
  return listParagraphs(text)
    .flatMap((block) => splitSentences(text, block))
    .filter(({ start, end }) => end - start <= SENTENCE_CHARS_MAX)
    .flatMap(({ start, end }) => {
      const plain = maskMarkup(text.slice(start, end)).replaceAll(MASK, "").replaceAll(/\s+/g, " ");
      const tokens = tokenize(plain);
      return tokens === undefined ? [] : [{ start, end, text: plain, tokens }];
    });
}

function listParagraphs(text: string): Array<{ start: number; end: number }> {
  const paragraphs: Array<{ start: number; end: number }> = [];
  let start = 0;
  for (const joint of text.matchAll(
    /\n(?=[ \t]{0,8}(?:\r?\n|#|[-*+•|] |\d{1,3}[.)] ))|(?<=^#[^\n]{0,200})\n/gm,
  )) {
    if (joint.index > start) paragraphs.push({ start, end: joint.index });
    start = joint.index + 1;
  }
  return [...paragraphs, { start, end: text.length }];
}
