/** Orders in which claims arrive: at random, or one category after the other; and which of them are probes. */
import type { SeededRandom } from "@mira/testing";
import type { Item } from "./panel.ts";

export type Order = "random" | "blocked";

/** Blocked: categories in random order, all of one before the next, items of a category in random order. */
export function arrange(items: readonly Item[], order: Order, random: SeededRandom): readonly Item[] {
  if (order === "random") return random.shuffle(items);
  const blocks = Map.groupBy(items, ({ category }) => category);
  return random.shuffle([...blocks.values()]).flatMap((block) => random.shuffle(block));
}

/** As many items as asked for: once through all, then through them again in a new order of the same kind. */
export function* repeat(items: readonly Item[], order: Order, random: SeededRandom, count: number) {
  let left = count;
  while (left > 0) {
    const pass = arrange(items, order, random).slice(0, left);
    left -= pass.length;
    yield* pass;
  }
}

/** In each domain every tenth claim, say: never more than that share of any domain. Claims come in random order, so the place is as good as drawn. */
export function createProbeDraw(every: number): (item: Item) => boolean {
  const seen = new Map<string, number>();
  return ({ category }) => {
    const count = (seen.get(category) ?? 0) + 1;
    seen.set(category, count);
    return count % every === 0;
  };
}
