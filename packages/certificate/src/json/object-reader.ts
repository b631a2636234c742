/** Reads JSON whose shape is known: every member is asked for by name, and one that nobody asked for is an error. */
import type { JsonObject, JsonValue } from "./parse-json.ts";

export type TextRule = { readonly pattern?: RegExp; readonly needed?: string; readonly charsMax?: number };
export type ListRule = { readonly min?: number; readonly max: number };
export type NumberRule = { readonly min: number; readonly max: number };

const CHARS_MAX = 65_536;

/** Errors carry the path of what was wrong, such as `predicate.claims[3].verdict`. */
export class ShapeError extends Error {
  readonly path: string;

  constructor(path: string, why: string) {
    super(why);
    this.name = "ShapeError";
    this.path = path;
  }
}

export class ObjectReader {
  readonly path: string;
  readonly #members: JsonObject;
  readonly #asked = new Set<string>();

  constructor(value: JsonValue, path: string) {
    if (!(value instanceof Map)) throw new ShapeError(path, "it is not an object");
    this.path = path;
    this.#members = value;
  }

  has(key: string): boolean {
    return this.#members.has(key);
  }

  text(key: string, { pattern, needed, charsMax = CHARS_MAX }: TextRule = {}): string {
    const value = this.#get(key);
    if (typeof value !== "string") return this.#fail(key, "it is not a string");
    if (value.length > charsMax) return this.#fail(key, `it has more than ${charsMax} characters`);
    return pattern === undefined || pattern.test(value)
      ? value
      : this.#fail(key, `it is not ${needed ?? String(pattern)}`);
  }

  oneOf<const T extends string>(key: string, choices: readonly T[]): T {
    const value = this.#get(key);
    const choice = choices.find((one) => one === value);
    return choice ?? this.#fail(key, `it is none of: ${choices.join(", ")}`);
  }

  number(key: string, { min, max }: NumberRule): number {
    const value = this.#get(key);
    return typeof value === "number" && value >= min && value <= max
      ? value
      : this.#fail(key, `it is not a number from ${min} to ${max}`);
  }

  integer(key: string, rule: NumberRule): number {
    const value = this.number(key, rule);
    return Number.isInteger(value) ? value : this.#fail(key, "it is not a whole number");
  }

  flag(key: string): boolean {
    const value = this.#get(key);
    return typeof value === "boolean" ? value : this.#fail(key, "it is not true or false");
  }

  object<T>(key: string, read: (reader: ObjectReader) => T): T {
    return readObject(this.#get(key), `${this.path}.${key}`, read);
  }

  list<T>(key: string, rule: ListRule, read: (reader: ObjectReader) => T): readonly T[] {
    return this.#array(key, rule).map((value, index) =>
      readObject(value, `${this.path}.${key}[${index}]`, read),
    );
  }

  texts(key: string, rule: ListRule & TextRule): readonly string[] {
    return this.#array(key, rule).map((value, index) =>
      typeof value === "string" && (rule.pattern?.test(value) ?? true)
        ? value
        : this.#fail(`${key}[${index}]`, "it is not a string of the form needed"),
    );
  }

  /** Reads when the member is there. */
  optional<T>(key: string, read: (key: string) => T): T | undefined {
    return this.#members.has(key) ? read(key) : undefined;
  }

  end(): void {
    for (const key of this.#members.keys())
      if (!this.#asked.has(key))
        throw new ShapeError(this.path, `the member ${JSON.stringify(key)} is unknown`);
  }

  #array(key: string, { min = 0, max }: ListRule): readonly JsonValue[] {
    const value = this.#get(key);
    if (!Array.isArray(value)) return this.#fail(key, "it is not a list");
    const items: readonly JsonValue[] = value;
    return items.length >= min && items.length <= max
      ? items
      : this.#fail(key, `it has ${items.length} items, and ${min} to ${max} may be there`);
  }

  #get(key: string): JsonValue {
    this.#asked.add(key);
    const value = this.#members.get(key);
    return value === undefined ? this.#fail(key, "it is missing") : value;
  }

  #fail(key: string, why: string): never {
    throw new ShapeError(`${this.path}.${key}`, why);
  }
}

/** `read` MUST ask for every member that may be there. */
export function readObject<T>(value: JsonValue, path: string, read: (reader: ObjectReader) => T): T {
  const reader = new ObjectReader(value, path);
  const result = read(reader);
  reader.end();
  return result;
}
