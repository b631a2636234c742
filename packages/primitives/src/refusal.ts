/** A refusal is an expected, typed, coded "no"; it is a value and part of the return type. */
import type { RefusalCode } from "./refusal-codes.ts";

/** What was needed, what was there, and whatever else explains the "no". Keys are camelCase. */
export type RefusalDetails = Readonly<Record<string, string>>;

export type Refusal<Code extends RefusalCode = RefusalCode> = {
  readonly ok: false;
  readonly code: Code;
  readonly message: string;
  readonly details: RefusalDetails;
};

export type Accepted<T> = { readonly ok: true; readonly value: T };
export type Result<T, Code extends RefusalCode = RefusalCode> = Accepted<T> | Refusal<Code>;

type Printable = string | number | bigint | boolean;

/** Makes a refusal. `message` is one plain sentence; `details` carry every figure that the sentence names. */
export function refuse<const Code extends RefusalCode>(
  code: Code,
  message: string,
  details: Readonly<Record<string, Printable>> = {},
): Refusal<Code> {
  const printed = Object.fromEntries(Object.entries(details).map(([key, value]) => [key, String(value)]));
  return { ok: false, code, message, details: printed };
}

export function succeed<T>(value: T): Accepted<T> {
  return { ok: true, value };
}

/** A refusal on its way through code that can only throw, such as a promise or an iterator. */
export class RefusalError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(`${refusal.code}: ${refusal.message}`, options);
    this.name = "RefusalError";
    this.refusal = refusal;
  }
}

/** The value, or the refusal thrown. */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new RefusalError(result);
  return result.value;
}
