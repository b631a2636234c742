/** JSON (RFC 8259) that everyone reads alike: no key twice, no number that loses digits, no broken characters, bounded depth. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export type JsonObject = ReadonlyMap<string, JsonValue>;

export class JsonError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "JsonError";
  }
}

const DEPTH_MAX = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WHOLE = /^-?\d+$/;
const SPACE = /[ \t\n\r]*/y;
const LITERALS = [
  ["true", true],
  ["false", false],
  ["null", null],
] as const;

/** Throws JsonError; says where. */
export function parseJson(bytes: Uint8Array): JsonValue {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonError("it is not UTF-8");
  }
  const parser = new JsonParser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

class JsonParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonValue {
    if (depth > DEPTH_MAX) this.#fail("it is nested too deeply");
    this.#skipSpace();
    const char = this.#text[this.#at];
    if (char === "{") return this.#object(depth);
    if (char === "[") return this.#array(depth);
    if (char === '"') return this.#string();
    const literal = LITERALS.find(([word]) => this.#text.startsWith(word, this.#at));
    if (literal === undefined) return this.#number();
    this.#at += literal[0].length;
    return literal[1];
  }

  end(): void {
    this.#skipSpace();
    if (this.#at !== this.#text.length) this.#fail("something follows the value");
  }

  #object(depth: number): JsonObject {
    const members = new Map<string, JsonValue>();
    this.#items("{", "}", () => {
      const key = this.#string();
      if (members.has(key)) this.#fail(`the key ${JSON.stringify(key)} stands twice`);
      this.#skipSpace();
      this.#expect(":");
      members.set(key, this.value(depth + 1));
    });
    return members;
  }

  #array(depth: number): readonly JsonValue[] {
    const items: JsonValue[] = [];
    this.#items("[", "]", () => items.push(this.value(depth + 1)));
    return items;
  }

  #items(open: string, close: string, read: () => void): void {
    this.#expect(open);
    this.#skipSpace();
    if (this.#take(close)) return;
    for (;;) {
      this.#skipSpace();
      read();
      this.#skipSpace();
      if (this.#take(close)) return;
      this.#expect(",");
    }
  }

  #string(): string {
    const start = this.#at;
    this.#expect('"');
    for (let char = this.#next(); char !== '"'; char = this.#next()) if (char === "\\") this.#next();
    const value = this.#decodeString(this.#text.slice(start, this.#at));
    if (!value.isWellFormed()) this.#fail("a string has half a character");
    return value;
  }

  #decodeString(raw: string): string {
    try {
      return JSON.parse(raw) as string;
    } catch {
      return this.#fail("a string is malformed");
    }
  }

  #number(): number {
    NUMBER.lastIndex = this.#at;
    const [digits] = NUMBER.exec(this.#text) ?? this.#fail("no value stands here");
    this.#at += digits.length;
    const value = Number(digits);
    if (!Number.isFinite(value) || (WHOLE.test(digits) && !Number.isSafeInteger(value)))
      this.#fail("a number is beyond what everyone can hold");
    return value;
  }

  #skipSpace(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)?.[0].length ?? 0;
  }

  #next(): string {
    const char = this.#text[this.#at++];
    return char ?? this.#fail("it ends too early");
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #expect(char: string): void {
    if (!this.#take(char)) this.#fail(`${JSON.stringify(char)} is missing`);
  }

  #fail(why: string): never {
    throw new JsonError(`${why} (character ${this.#at})`);
  }
}
