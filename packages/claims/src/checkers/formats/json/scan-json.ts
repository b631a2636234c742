/** A second reader of JSON (RFC 8259) that shares nothing with JSON.parse, and sees keys that stand twice. */
export type JsonScan = { readonly isValid: boolean; readonly hasRepeatedKey: boolean };

const DEPTH_MAX = 200;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\r\n]*/y;

export function scanJson(text: string): JsonScan {
  const cursor = { text, at: 0, hasRepeatedKey: false };
  const isValid = readValue(cursor, 0) && cursor.at === text.length;
  return { isValid, hasRepeatedKey: cursor.hasRepeatedKey };
}

type Cursor = { readonly text: string; at: number; hasRepeatedKey: boolean };

function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
}

function takeSign(cursor: Cursor, sign: string): boolean {
  if (cursor.text[cursor.at] !== sign) return false;
  cursor.at++;
  take(cursor, SPACE);
  return true;
}

/** One value with the white space around it. */
function readValue(cursor: Cursor, depth: number): boolean {
  take(cursor, SPACE);
  if (depth > DEPTH_MAX) return false;
  const isRead = takeSign(cursor, "{")
    ? readMembers(cursor, depth)
    : takeSign(cursor, "[")
      ? readElements(cursor, depth)
      : (take(cursor, STRING) ?? take(cursor, NUMBER) ?? take(cursor, WORD)) !== undefined;
  take(cursor, SPACE);
  return isRead;
}

function readMembers(cursor: Cursor, depth: number): boolean {
  const keys = new Set<string>();
  if (takeSign(cursor, "}")) return true;
  do {
    const key = take(cursor, STRING);
    if (key === undefined) return false;
    const plain = JSON.parse(key) as string;
    if (keys.has(plain)) cursor.hasRepeatedKey = true;
    keys.add(plain);
    take(cursor, SPACE);
    if (!takeSign(cursor, ":") || !readValue(cursor, depth + 1)) return false;
  } while (takeSign(cursor, ","));
  return takeSign(cursor, "}");
}

function readElements(cursor: Cursor, depth: number): boolean {
  if (takeSign(cursor, "]")) return true;
  do if (!readValue(cursor, depth + 1)) return false;
  while (takeSign(cursor, ","));
  return takeSign(cursor, "]");
}
