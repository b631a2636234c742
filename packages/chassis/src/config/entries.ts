/** The kinds of configuration entry: each names its environment variable and parses the text found there. */
import { readFileSync } from "node:fs";
import { decodeHex } from "@mira/primitives";

/** One entry of a specification. `parse` throws ConfigProblem; `fallback` is used when the variable is absent or empty. */
export type Entry<T> = {
  readonly name: string;
  readonly parse: (text: string) => T;
  readonly fallback?: { readonly value: T };
};

type Default<T> = { readonly default?: T };

/** What is wrong with one variable: what was needed, and what was there unless it is secret. */
export class ConfigProblem extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ConfigProblem";
  }
}

export function optional<T>(entry: Entry<T>): Entry<T | undefined> {
  return { name: entry.name, parse: entry.parse, fallback: { value: undefined } };
}

export function text(
  name: string,
  options: Default<string> & { readonly pattern?: RegExp } = {},
): Entry<string> {
  return define(name, options, (raw) => {
    if (options.pattern !== undefined && !options.pattern.test(raw))
      throw new ConfigProblem(`needed text like ${options.pattern.source}, got "${raw}"`);
    return raw;
  });
}

export function oneOf<const T extends string>(
  name: string,
  values: readonly T[],
  options: Default<NoInfer<T>> = {},
): Entry<T> {
  return define(name, options, (raw) => {
    const value = values.find((candidate) => candidate === raw);
    if (value === undefined) throw new ConfigProblem(`needed one of ${values.join(", ")}, got "${raw}"`);
    return value;
  });
}

export function integer(
  name: string,
  options: Default<number> & { readonly min: number; readonly max: number },
): Entry<number> {
  return define(name, options, (raw) => {
    const value = /^-?\d{1,16}$/.test(raw) ? Number(raw) : Number.NaN;
    if (!(value >= options.min && value <= options.max))
      throw new ConfigProblem(`needed a whole number from ${options.min} to ${options.max}, got "${raw}"`);
    return value;
  });
}

/** 0 lets the system choose a free port. */
export function port(name: string, options: Default<number> = {}): Entry<number> {
  return integer(name, { ...options, min: 0, max: 65_535 });
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A number with a unit, such as `250ms`, `5s`, `10m`, `1h`, `7d`; a bare number is milliseconds. */
export function durationMs(
  name: string,
  options: Default<number> & { readonly min?: number; readonly max?: number } = {},
): Entry<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  return define(name, options, (raw) => {
    const match = /^(\d{1,15})(ms|s|m|h|d)?$/.exec(raw);
    const value = match === null ? Number.NaN : Number(match[1]) * (UNITS_MS[match[2] ?? "ms"] ?? Number.NaN);
    if (!(value >= min && value <= max))
      throw new ConfigProblem(
        `needed a duration from ${min}ms to ${max}ms such as 500ms, 5s or 10m, got "${raw}"`,
      );
    return value;
  });
}

/** An absolute URL; what is wrong with it is said without showing it, for it may hold a password. */
export function url(
  name: string,
  options: Default<string> & { readonly protocols?: readonly string[] } = {},
): Entry<string> {
  return define(name, options, (raw) => {
    const protocol = URL.parse(raw)?.protocol.slice(0, -1);
    if (protocol === undefined || options.protocols?.includes(protocol) === false)
      throw new ConfigProblem(`needed a URL (${options.protocols?.join(", ") ?? "any scheme"})`);
    return raw;
  });
}

/** A gRPC target: `host:port`, or a name with a resolver's scheme such as `dns:///settlement:9090`. */
export function target(name: string, options: Default<string> = {}): Entry<string> {
  return text(name, { ...options, pattern: /^(?:[a-z0-9+.-]+:\/{2,3})?[^\s/]+:\d{1,5}$/i });
}

export function flag(name: string, options: Default<boolean> = { default: false }): Entry<boolean> {
  return define(name, options, (raw) => {
    if (raw === "true" || raw === "1") return true;
    if (raw === "false" || raw === "0") return false;
    throw new ConfigProblem(`needed true or false, got "${raw}"`);
  });
}

/** Comma-separated texts, blanks trimmed, at most `max`. */
export function list(
  name: string,
  options: Default<readonly string[]> & { readonly max: number },
): Entry<readonly string[]> {
  return define(name, options, (raw) => {
    const items = raw.split(",").map((item) => item.trim());
    if (items.length > options.max || items.includes(""))
      throw new ConfigProblem(`needed at most ${options.max} comma-separated values, none empty`);
    return Object.freeze(items);
  });
}

/** The trimmed contents of the file that the variable names. */
export function secretFile(name: string): Entry<string> {
  return define<string>(name, {}, readSecret);
}

/** The 32-byte Ed25519 seed that the file holds as 64 hexadecimal digits. */
export function seedFile(name: string): Entry<Uint8Array> {
  return define<Uint8Array>(name, {}, (path) => {
    const seed = decodeHex(readSecret(path));
    if (seed?.length !== 32) throw new ConfigProblem(`needed 64 hexadecimal digits in ${path}`);
    return seed;
  });
}

function readSecret(path: string): string {
  try {
    const secret = readFileSync(path, "utf8").trim();
    if (secret === "") throw new ConfigProblem(`${path} is empty`);
    return secret;
  } catch (error) {
    if (error instanceof ConfigProblem) throw error;
    throw new ConfigProblem(`needed a readable file, got ${path}`, { cause: error });
  }
}

function define<T>(name: string, options: Default<T>, parse: (text: string) => T): Entry<T> {
  return options.default === undefined
    ? { name, parse }
    : { name, parse, fallback: { value: options.default } };
}
