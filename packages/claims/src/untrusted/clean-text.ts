/** Takes out of a text what a reader cannot see and what a chat template or a verdict parser would take for its own. */

export type CleanText = {
  readonly text: string;
  /** Characters that nobody sees: control, zero-width, bidirectional, tag and filler characters, halves of a pair. */
  readonly hidden: number;
  /** Role tags, turn markers and bracketed verdicts that were taken out; each once, in lower case. */
  readonly markers: readonly string[];
  readonly truncated: boolean;
};

/** Line breaks and tabs stay. Fillers that are letters by class (Hangul, Braille blank) are listed one by one. */
const HIDDEN =
  /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u034F\u115F\u1160\u17B4\u17B5\u2028\u2029\u2800\u3164\uFE00-\uFE0F\uFFA0\u{E0100}-\u{E01EF}]/gu;

const VERDICT_WORDS =
  "not[ _-]?supported|unsupported|supported|refuted|unresolved|contradicted|not enough info";
const MARKERS = [
  // Chat templates: <|im_start|>, <|eot_id|>, <|start_header_id|>, DeepSeek's <｜User｜>.
  "<[|｜][^<>]{0,64}[|｜]>",
  "</?(?:s|bos|eos|start_of_turn|end_of_turn|system|user|assistant|developer|human|instructions?|prompt|claim|sources?|verdict|answer|nonce)(?:\\s[^<>]{0,64})?/?>",
  "\\[/?(?:inst|sys|system|user|assistant|system_prompt|available_tools|tool_calls|end of (?:claim|input|prompt))\\]",
  "<<\\s?/?sys\\s?>>",
  "\\[(?:sep|cls|pad|mask|unk)\\]",
  // Verdict markers that parsers of free text look for.
  `[[［【]\\s?(?:${VERDICT_WORDS}|true|false)\\s?[\\]］】]`,
  // Turns and headings that pretend to come from someone else.
  "(?<=^|\\n)[ \\t]{0,8}(?:#{1,6}[ \\t]?)?(?:system|assistant|developer|human|user)(?: message| prompt)?[ \\t]?[:：]",
];
const MARKER = new RegExp(MARKERS.join("|"), "giu");

/** Taking a marker out can join the halves of another: `<|im_<|x|>start|>`. Each round takes at least one; the rest is not worth reading. */
const ROUNDS_MAX = 8;

export function cleanText(raw: string, charactersMax: number): CleanText {
  const cut = raw.slice(0, charactersMax);
  const seen = cut.replace(HIDDEN, "");
  const markers = new Set<string>();
  let text = unfold(seen);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const before = text;
    text = text.replace(MARKER, (marker) => {
      markers.add(marker.normalize("NFKC").trim().toLowerCase());
      return " ";
    });
    if (text === before) break;
  }
  return {
    text: text.trim(),
    hidden: cut.match(HIDDEN)?.length ?? 0,
    markers: [...markers],
    truncated: cut.length < raw.length,
  };
}

/** A marker in full-width letters is one for every tokenizer that folds them. Other texts keep their form: folding makes 2 of a superscript. */
function unfold(text: string): string {
  const folded = text.normalize("NFKC");
  return folded !== text && countMarkers(folded) > countMarkers(text) ? folded : text;
}

function countMarkers(text: string): number {
  return text.match(MARKER)?.length ?? 0;
}
