/** Cuts sources into passages that a model can read beside the claim: whole sentences, each passage beginning with the last one's end. */

/** A pass over each takes a model some tens of milliseconds. */
const PASSAGES_MAX = 48;
const sentences = new Intl.Segmenter("en", { granularity: "sentence" });

export type CountTokens = (text: string) => number;

/** At most PASSAGES_MAX; when there are more, those that share most words with the claim, in the order of the text. */
export function cutPassages(
  texts: readonly string[],
  claim: string,
  tokensMax: number,
  count: CountTokens,
): readonly string[] {
  const passages = texts.flatMap((text) => cutText(text, tokensMax, count));
  if (passages.length <= PASSAGES_MAX) return passages;
  const wanted = new Set(listWords(claim));
  const scored = passages.map((passage, at) => ({ at, passage, score: countShared(passage, wanted) }));
  const best = scored
    .toSorted((one, other) => other.score - one.score || one.at - other.at)
    .slice(0, PASSAGES_MAX);
  return best.toSorted((one, other) => one.at - other.at).map(({ passage }) => passage);
}

function cutText(text: string, tokensMax: number, count: CountTokens): readonly string[] {
  const pieces = [...sentences.segment(text)]
    .map(({ segment }) => segment.trim())
    .filter((segment) => segment !== "")
    .flatMap((sentence) => halve(sentence, tokensMax, count))
    .map((piece) => ({ piece, tokens: count(piece) }));
  const passages: string[] = [];
  let open: { piece: string; tokens: number }[] = [];
  const tokensOf = (items: readonly { tokens: number }[]): number =>
    items.reduce((sum, { tokens }) => sum + tokens, 0);
  for (const next of pieces) {
    if (open.length > 0 && tokensOf(open) + next.tokens > tokensMax) {
      passages.push(open.map(({ piece }) => piece).join(" "));
      const last = open.at(-1);
      open = last !== undefined && last.tokens + next.tokens <= tokensMax && open.length > 1 ? [last] : [];
    }
    open.push(next);
  }
  if (open.length > 0) passages.push(open.map(({ piece }) => piece).join(" "));
  return passages;
}

function halve(text: string, tokensMax: number, count: CountTokens): readonly string[] {
  if (text.length < 2 || count(text) <= tokensMax) return [text];
  const space = text.indexOf(" ", Math.floor(text.length / 2));
  const middle = space > 0 && space < text.length - 1 ? space : Math.floor(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].flatMap((half) => halve(half.trim(), tokensMax, count));
}

function listWords(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function countShared(passage: string, wanted: ReadonlySet<string>): number {
  return new Set(listWords(passage).filter((word) => wanted.has(word))).size;
}
