/** A set that only grows, kept in layers of doubling size: adding copies little, and an older version of it stays as it was. */
export type GrowingSet = readonly ReadonlySet<string>[];

export const EMPTY_SET: GrowingSet = [];

export function addTo(set: GrowingSet, value: string): GrowingSet {
  if (hasIn(set, value)) return set;
  const layers = [...set];
  let layer: ReadonlySet<string> = new Set([value]);
  for (let top = layers.at(-1); top !== undefined && top.size <= layer.size; top = layers.at(-1)) {
    layers.pop();
    layer = new Set([...top, ...layer]);
  }
  return [...layers, layer];
}

export function hasIn(set: GrowingSet, value: string): boolean {
  return set.some((layer) => layer.has(value));
}
