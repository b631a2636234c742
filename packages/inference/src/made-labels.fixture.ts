/** Labels made by a known process, for tests: who is how good, and what was true. */
import { createRandom } from "./numeric/random.ts";
import type { Label } from "./table/types.ts";

export type Made = { readonly labels: Label[]; readonly truth: ReadonlyMap<string, string> };

export type MakeOptions = {
  readonly items: number;
  readonly accuracies: Readonly<Record<string, number>>;
  readonly classes?: number;
  readonly seed?: number;
  /** Share of cells that are filled. */
  readonly density?: number;
};

export function makeLabels({ items, accuracies, classes = 2, seed = 1, density = 1 }: MakeOptions): Made {
  const random = createRandom(seed);
  const labels: Label[] = [];
  const truth = new Map<string, string>();
  for (let at = 0; at < items; at++) {
    const right = Math.floor(random() * classes);
    truth.set(`i${at}`, String(right));
    for (const [validator, accuracy] of Object.entries(accuracies)) {
      if (random() >= density) continue;
      const label =
        random() < accuracy ? right : (right + 1 + Math.floor(random() * (classes - 1))) % classes;
      labels.push({ item: `i${at}`, validator, label: String(label) });
    }
  }
  return { labels, truth };
}

/** `count` validators named after their number, accuracies evenly between two bounds. */
export function spreadAccuracies(count: number, from: number, to: number): Record<string, number> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`v${at}`, from + ((to - from) * at) / Math.max(1, count - 1)]),
  );
}
