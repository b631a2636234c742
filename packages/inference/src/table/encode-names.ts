/** Names -> dense codes in canonical order. */

export type EncodedNames = { readonly names: readonly string[]; readonly codes: Int32Array };

/** Codes follow the sorted names, not the order of appearance; a row without a name gets -1. */
export function encodeNames<Row>(
  rows: readonly Row[],
  pick: (row: Row) => string | undefined,
  known: readonly string[] = [],
): EncodedNames {
  const seen = new Map<string, number>();
  for (const name of known) if (!seen.has(name)) seen.set(name, seen.size);
  const codes = new Int32Array(rows.length);
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at];
    const name = row === undefined ? undefined : pick(row);
    codes[at] = name === undefined ? -1 : findOrAdd(seen, name);
  }
  const found = [...seen.keys()];
  const order = sortNames(found);
  const rank = new Int32Array(found.length);
  for (let at = 0; at < order.length; at++) rank[order[at] ?? 0] = at;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? -1;
    if (code >= 0) codes[at] = rank[code] ?? -1;
  }
  return { names: order.map((at) => found[at] ?? ""), codes };
}

function findOrAdd(seen: Map<string, number>, name: string): number {
  const code = seen.get(name);
  if (code !== undefined) return code;
  seen.set(name, seen.size);
  return seen.size - 1;
}

/** Numbers by value when all names are plain integers, else by code unit: never by locale, which differs between machines. */
function sortNames(names: readonly string[]): number[] {
  const order = names.map((_, at) => at);
  const numeric = names.every((name) => /^(0|[1-9]\d{0,14})$/.test(name));
  if (numeric) {
    const values = Float64Array.from(names, Number);
    return order.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  }
  return order.sort((a, b) => {
    const [one, other] = [names[a] ?? "", names[b] ?? ""];
    return one < other ? -1 : one > other ? 1 : 0;
  });
}
