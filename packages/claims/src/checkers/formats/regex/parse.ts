/** Regular expressions as a tree: the part of JavaScript's syntax that needs no memory. What needs one is refused. */

export type RegexNode =
  | { readonly kind: "char"; readonly test: (unit: number) => boolean }
  | { readonly kind: "start" | "end" }
  | { readonly kind: "all" | "any"; readonly nodes: readonly RegexNode[] }
  | { readonly kind: "repeat"; readonly node: RegexNode; readonly min: number; readonly max: number };

const PATTERN_CHARS_MAX = 500;
const DEPTH_MAX = 20;
const REPEAT_MAX = 100;

/** Undefined for look-around, back references, \b, \p, flags, and whatever is malformed. */
export function parseRegex(pattern: string): RegexNode | undefined {
  if (pattern.length > PATTERN_CHARS_MAX) return undefined;
  const cursor = { pattern, at: 0 };
  const node = readAlternatives(cursor, 0);
  return node !== undefined && cursor.at === pattern.length ? node : undefined;
}

type Cursor = { readonly pattern: string; at: number };

function readAlternatives(cursor: Cursor, depth: number): RegexNode | undefined {
  const nodes: RegexNode[] = [];
  do {
    if (nodes.length > 0) cursor.at++;
    const node = readSequence(cursor, depth);
    if (node === undefined) return undefined;
    nodes.push(node);
  } while (cursor.pattern[cursor.at] === "|");
  const [only] = nodes;
  return nodes.length === 1 ? only : { kind: "any", nodes };
}

function readSequence(cursor: Cursor, depth: number): RegexNode | undefined {
  const nodes: RegexNode[] = [];
  while (cursor.at < cursor.pattern.length && !"|)".includes(cursor.pattern[cursor.at] ?? "")) {
    const atom = readAtom(cursor, depth);
    const node = atom === undefined ? undefined : readQuantifier(cursor, atom);
    if (node === undefined) return undefined;
    nodes.push(node);
  }
  return { kind: "all", nodes };
}

function readAtom(cursor: Cursor, depth: number): RegexNode | undefined {
  const char = cursor.pattern[cursor.at++] ?? "";
  switch (char) {
    case "^":
      return { kind: "start" };
    case "$":
      return { kind: "end" };
    case ".":
      return { kind: "char", test: (unit) => ![10, 13, 0x2028, 0x2029].includes(unit) };
    case "(":
      return readGroup(cursor, depth);
    case "[":
      return readClass(cursor);
    case "\\":
      return readEscape(cursor);
    default:
      return "*+?{}]".includes(char) ? undefined : toChar(char.charCodeAt(0));
  }
}

function toChar(code: number): RegexNode {
  return { kind: "char", test: (unit) => unit === code };
}

function readGroup(cursor: Cursor, depth: number): RegexNode | undefined {
  if (depth >= DEPTH_MAX) return undefined;
  if (cursor.pattern[cursor.at] === "?") {
    if (cursor.pattern[cursor.at + 1] !== ":") return undefined;
    cursor.at += 2;
  }
  const node = readAlternatives(cursor, depth + 1);
  return node !== undefined && cursor.pattern[cursor.at++] === ")" ? node : undefined;
}

/** Anchors cannot be repeated. */
function readQuantifier(cursor: Cursor, node: RegexNode): RegexNode | undefined {
  const rest = cursor.pattern.slice(cursor.at, cursor.at + 12);
  const [whole, sign, from, comma, to] = /^(?:([*+?])|\{(\d{1,3})(?:(,)(\d{0,3}))?\})/.exec(rest) ?? [];
  if (whole === undefined) return rest.startsWith("{") ? undefined : node;
  if (node.kind === "start" || node.kind === "end") return undefined;
  cursor.at += whole.length;
  // Lazy or greedy: what matches is the same.
  if (cursor.pattern[cursor.at] === "?") cursor.at++;
  if (/^[*+?{]/.test(cursor.pattern.slice(cursor.at))) return undefined;
  const min = sign === undefined ? Number(from) : sign === "+" ? 1 : 0;
  const max =
    sign === "?" ? 1 : sign !== undefined || to === "" ? Infinity : comma === undefined ? min : Number(to);
  const isBounded = min <= REPEAT_MAX && (max <= REPEAT_MAX || max === Infinity);
  return isBounded && min <= max ? { kind: "repeat", node, min, max } : undefined;
}

type Test = (unit: number) => boolean;
const isDigit: Test = (unit) => unit >= 48 && unit <= 57;
const isWordUnit: Test = (unit) =>
  isDigit(unit) || (unit >= 65 && unit <= 90) || unit === 95 || (unit >= 97 && unit <= 122);
const isSpace: Test = (unit) => /\s/.test(String.fromCharCode(unit));
const not =
  (test: Test): Test =>
  (unit) =>
    !test(unit);

const SETS: ReadonlyMap<string, Test> = new Map([
  ["d", isDigit],
  ["D", not(isDigit)],
  ["w", isWordUnit],
  ["W", not(isWordUnit)],
  ["s", isSpace],
  ["S", not(isSpace)],
]);
const CONTROLS: ReadonlyMap<string, number> = new Map([
  ["n", 10],
  ["r", 13],
  ["t", 9],
]);

/** A set, or the code of one sign. Letters and digits that mean more are refused. */
function readEscaped(char: string): Test | number | undefined {
  const found = SETS.get(char) ?? CONTROLS.get(char);
  if (found !== undefined) return found;
  return char === "" || /[A-Za-z0-9]/.test(char) ? undefined : char.charCodeAt(0);
}

function readEscape(cursor: Cursor): RegexNode | undefined {
  const escaped = readEscaped(cursor.pattern[cursor.at++] ?? "");
  if (escaped === undefined) return undefined;
  return typeof escaped === "number" ? toChar(escaped) : { kind: "char", test: escaped };
}

function readClass(cursor: Cursor): RegexNode | undefined {
  const isNegated = cursor.pattern[cursor.at] === "^";
  if (isNegated) cursor.at++;
  const tests: Test[] = [];
  while (cursor.pattern[cursor.at] !== "]") {
    const from = readMember(cursor);
    if (from === undefined) return undefined;
    const isRange = cursor.pattern[cursor.at] === "-" && cursor.pattern[cursor.at + 1] !== "]";
    if (isRange) cursor.at++;
    const to = isRange ? readMember(cursor) : from;
    if (typeof from === "number" && typeof to === "number") {
      if (to < from) return undefined;
      tests.push((unit) => unit >= from && unit <= to);
    } else if (typeof from === "function" && !isRange) tests.push(from);
    else return undefined;
  }
  cursor.at++;
  return { kind: "char", test: (unit) => tests.some((test) => test(unit)) !== isNegated };
}

function readMember(cursor: Cursor): Test | number | undefined {
  const char = cursor.pattern[cursor.at++];
  if (char === undefined) return undefined;
  return char === "\\" ? readEscaped(cursor.pattern[cursor.at++] ?? "") : char.charCodeAt(0);
}
