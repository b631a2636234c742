/** Exact rational numbers: arithmetic on printed figures must not round. */
export type Rational = {
  readonly n: bigint;
  /** Above 0; n and d have no common factor. */ readonly d: bigint;
};

/** Numerators and denominators beyond this many bits are given up: hostile powers must stay cheap. */
const BITS_MAX = 2048n;
const LIMIT = 1n << BITS_MAX;

export const ZERO: Rational = { n: 0n, d: 1n };
const ONE: Rational = { n: 1n, d: 1n };

/** n / d in lowest terms; undefined when d is 0 or the number has grown beyond bounds. */
export function tryRational(n: bigint, d = 1n): Rational | undefined {
  if (d === 0n || n > LIMIT || n < -LIMIT || d > LIMIT || d < -LIMIT) return undefined;
  const divisor = greatestCommonDivisor(n, d) * (d < 0n ? -1n : 1n);
  return { n: n / divisor, d: d / divisor };
}

export function fromInteger(value: bigint | number): Rational {
  return { n: BigInt(value), d: 1n };
}

/** 10^exponent, for exponents within a figure's bounds. */
export function powerOfTen(exponent: number): Rational {
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? { n: 1n, d: power } : { n: power, d: 1n };
}

export type Operator = "+" | "-" | "*" | "/" | "^";

/** Undefined for a division by zero, a power that is no small whole number, and results beyond bounds. */
export function operate(left: Rational, operator: Operator, right: Rational): Rational | undefined {
  switch (operator) {
    case "+":
      return tryRational(left.n * right.d + right.n * left.d, left.d * right.d);
    case "-":
      return tryRational(left.n * right.d - right.n * left.d, left.d * right.d);
    case "*":
      return tryRational(left.n * right.n, left.d * right.d);
    case "/":
      return tryRational(left.n * right.d, left.d * right.n);
    case "^":
      return raise(left, right);
  }
}

function raise(base: Rational, exponent: Rational): Rational | undefined {
  if (exponent.d !== 1n || exponent.n < 0n || exponent.n > 64n) return undefined;
  let power: Rational | undefined = ONE;
  for (let step = 0n; step < exponent.n && power !== undefined; step++) power = operate(power, "*", base);
  return power;
}

export function compareRationals(left: Rational, right: Rational): -1 | 0 | 1 {
  const difference = left.n * right.d - right.n * left.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function absDifference(left: Rational, right: Rational): Rational {
  const n = left.n * right.d - right.n * left.d;
  return { n: n < 0n ? -n : n, d: left.d * right.d };
}

/** Root of a perfect square of integers; undefined otherwise. */
export function squareRoot(value: Rational): Rational | undefined {
  const [n, d] = [integerRoot(value.n), integerRoot(value.d)];
  return n === undefined || d === undefined ? undefined : { n, d };
}

function integerRoot(value: bigint): bigint | undefined {
  if (value < 0n) return undefined;
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (let next = (root + value / root) / 2n; next < root; next = (root + value / root) / 2n) root = next;
  return root * root === value ? root : undefined;
}

/** "30", "-2.5" when the decimals end within twelve places, else "10/3". */
export function formatRational({ n, d }: Rational): string {
  if (d === 1n) return String(n);
  for (let places = 1, power = 10n; places <= 12; places++, power *= 10n)
    if (power % d === 0n) return placePoint((n * power) / d, places);
  return `${n}/${d}`;
}

/** For a reader: up to six decimals, "…" where more follow. */
export function describeRational(value: Rational): string {
  const exact = formatRational(value);
  if (!exact.includes("/")) return exact;
  return `${placePoint((value.n * 1_000_000n) / value.d, 6)}…`;
}

function placePoint(scaled: bigint, places: number): string {
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(places + 1, "0");
  return `${scaled < 0n ? "-" : ""}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let [a, b] = [left < 0n ? -left : left, right < 0n ? -right : right];
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? 1n : a;
}
