/** Words of a text with their places: what quotations and figures are matched by. */
export type Word = {
  /** Lower case, apostrophes straightened. */
  readonly lower: string;
  readonly start: number;
  readonly end: number;
};

const WORD = /[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}]|['’.,](?=\p{N})|['’](?=\p{L})){0,80}/gu;

export function listWords(text: string): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(WORD))
    words.push({
      lower: match[0].toLowerCase().replaceAll("’", "'"),
      start: match.index,
      end: match.index + match[0].length,
    });
  return words;
}

const STOP_WORDS = new Set(
  "a an the of in on at by for from to with and or but as is are was were be been being has have had it its this that these those he she they his her their which who whose there then than so also into about over after before between during under up out not no do does did will would can could may might such other some any all each both more most very just only own same one s".split(
    " ",
  ),
);

/** Words that carry content, cut to a rough stem so that "opened" meets "opening". */
export function listStems(words: readonly Word[]): string[] {
  return words
    .map(({ lower }) => lower)
    .filter((word) => !STOP_WORDS.has(word) && !/^\p{N}/u.test(word))
    .map(toStem);
}

export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word);
}

const SYNONYMS: ReadonlyMap<string, string> = new Map(
  [
    ["tall", "height high heights tallness"],
    ["long", "length lengthy"],
    ["wide", "width breadth broad"],
    ["deep", "depth"],
    ["population", "inhabitants residents people inhabited"],
    ["found", "founded established foundation founding"],
    ["build", "built building constructed construction"],
    ["weigh", "weight weighs weighed mass"],
    ["cost", "price priced"],
    ["begin", "began begun started start starts"],
    ["write", "wrote written"],
    ["rise", "rose risen"],
    ["fall", "fell fallen"],
    ["company", "firm"],
  ].flatMap(([head = "", others = ""]) => others.split(" ").map((other) => [other, head] as const)),
);

const stems = new Map<string, string>();
/** English has fewer words in use; beyond, the text is not worth remembering. */
const STEMS_MAX = 50_000;

export function toStem(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const stem = cutToStem(word);
  if (stems.size >= STEMS_MAX) stems.clear();
  stems.set(word, stem);
  return stem;
}

function cutToStem(word: string): string {
  const synonym = SYNONYMS.get(word);
  if (synonym !== undefined) return synonym;
  const bare = word.replace(/'s$/, "");
  const cut = bare
    .replace(/(?:ies|ied)$/, "y")
    .replace(/(?<=.{3})(?:ings?|ed|es|s|e)$/, "")
    .replace(/(\p{L})\1$/u, "$1");
  return SYNONYMS.get(bare) ?? (cut.length >= 3 ? cut : bare);
}
