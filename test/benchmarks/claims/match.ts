/** When a found claim counts as a gold one: content words, F1, and a largest one-to-one matching. */

/** Words that carry no content of their own; negations are kept, since a claim without its "not" is another claim. */
const STOP_WORDS = new Set(
  "a an the of to in on at by for from with as and or but so is are was were be been being has have had do does did it its this that these those which who whose he she they his her their there then than also".split(
    " ",
  ),
);

/** Lower case, without punctuation and possessive marks; a plural -s is taken off, so "justices" and "justice" are one word. */
export function listContentWords(text: string): readonly string[] {
  const words =
    text
      .toLowerCase()
      .replaceAll(/['’]s\b/g, "")
      .match(/\d[\d.,]*\d|[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? [];
  return words
    .filter((word) => !STOP_WORDS.has(word))
    .map((word) => word.replace(/(?<=[a-z]{2}[^sui])s$/, ""));
}

/** F1 of two bags of words: 1 for the same words, 0 for none in common. */
export function computeOverlap(left: readonly string[], right: readonly string[]): number {
  if (left.length === 0 || right.length === 0) return 0;
  const counts = new Map<string, number>();
  for (const word of left) counts.set(word, (counts.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of right) {
    const count = counts.get(word) ?? 0;
    if (count === 0) continue;
    counts.set(word, count - 1);
    shared++;
  }
  return (2 * shared) / (left.length + right.length);
}

/** How many pairs a largest one-to-one matching has (augmenting paths): no order of the claims makes it smaller. */
export function countMatches(found: readonly string[], gold: readonly string[], threshold: number): number {
  const [left, right] = [found.map(listContentWords), gold.map(listContentWords)];
  const edges = left.map((one) =>
    right.flatMap((other, index) => (computeOverlap(one, other) >= threshold ? [index] : [])),
  );
  const takenBy = new Map<number, number>();
  const place = (from: number, tried: Set<number>): boolean =>
    (edges[from] ?? []).some((to) => {
      if (tried.has(to)) return false;
      tried.add(to);
      const holder = takenBy.get(to);
      if (holder !== undefined && !place(holder, tried)) return false;
      takenBy.set(to, from);
      return true;
    });
  return edges.filter((_, from) => place(from, new Set())).length;
}
