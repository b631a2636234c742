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
  const codes = numberByAppearance(rows, pick, seen);
  const names = sortNames([...seen.keys()]);
  const rank = new Int32Array(names.length);
  for (let at = 0; at < names.length; at++) rank[seen.get(names[at] ?? "") ?? 0] = at;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? -1;
    if (code >= 0) codes[at] = rank[code] ?? -1;
  }
  return { names, codes };
}

/** Rows of one item often stand together: the last name is looked at before the map. */
function numberByAppearance<Row>(
  rows: readonly Row[],
  pick: (row: Row) => string | undefined,
  seen: Map<string, number>,
): Int32Array {
  const codes = new Int32Array(rows.length);
  let last: string | undefined;
  let code = -1;
  for (let at = 0; at < rows.length; at++) {
    const name = pick(rows[at] as Row);
    if (name !== last || name === undefined) {
      last = name;
      code = name === undefined ? -1 : (seen.get(name) ?? -1);
      if (name !== undefined && code < 0) {
        code = seen.size;
        seen.set(name, code);
      }
    }
    codes[at] = code;
  }
  return codes;
}

/** Numbers by value when all names are plain integers, else by code unit: never by locale, which differs between machines. */
function sortNames(names: readonly string[]): string[] {
  if (!names.every((name) => /^(0|[1-9]\d{0,14})$/.test(name))) return names.toSorted();
  return Array.from(Float64Array.from(names, Number).sort(), String);
}
