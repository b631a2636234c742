/** A second evaluator for witnesses: two stacks over formal notation, sharing no code with the reader of claims. */
type Fraction = readonly [numerator: bigint, denominator: bigint];

const RANKS: Readonly<Record<string, number | undefined>> = { "+": 1, "-": 1, "*": 2, "/": 2, "^": 3 };
const SOURCE_CHARS_MAX = 1000;
const POWER_MAX = 64n;

/** Value of "((12/100)*250)"; undefined for anything else than digits, points, + - * / ^, brackets and sqrt. */
export function evaluateFormal(source: string): Fraction | undefined {
  if (source.length > SOURCE_CHARS_MAX) return undefined;
  const lexemes = source.match(/\d+(?:\.\d+)?|sqrt|[-+*/^()]/g) ?? [];
  if (lexemes.join("") !== source) return undefined;
  const [values, marks]: [Fraction[], string[]] = [[], []];
  let isOperandNext = true;
  for (const lexeme of lexemes) {
    if (/^\d/.test(lexeme)) {
      values.push(readDecimal(lexeme));
      isOperandNext = false;
    } else if (lexeme === "(" || lexeme === "sqrt") marks.push(lexeme);
    else if (lexeme === ")") {
      if (!closeBracket(values, marks)) return undefined;
      isOperandNext = false;
    } else if (isOperandNext) {
      if (lexeme !== "-") return undefined;
      values.push([0n, 1n]);
      marks.push("-");
    } else {
      if (!applyWhile(values, marks, RANKS[lexeme] ?? 9)) return undefined;
      marks.push(lexeme);
      isOperandNext = true;
    }
  }
  if (!applyWhile(values, marks, 0) || marks.length > 0 || values.length !== 1) return undefined;
  return values[0];
}

function applyWhile(values: Fraction[], marks: string[], rankMin: number): boolean {
  for (let mark = marks.at(-1); mark !== undefined && (RANKS[mark] ?? -1) >= rankMin; mark = marks.at(-1)) {
    marks.pop();
    const [right, left] = [values.pop(), values.pop()];
    if (left === undefined || right === undefined) return false;
    const value = apply(left, mark, right);
    if (value === undefined) return false;
    values.push(value);
  }
  return true;
}

function closeBracket(values: Fraction[], marks: string[]): boolean {
  if (!applyWhile(values, marks, 0) || marks.pop() !== "(") return false;
  if (marks.at(-1) !== "sqrt") return true;
  marks.pop();
  const value = values.pop();
  if (value === undefined) return false;
  const [n, d] = [
    BigInt(Math.round(Math.sqrt(Number(value[0])))),
    BigInt(Math.round(Math.sqrt(Number(value[1])))),
  ];
  values.push([n, d]);
  return n * n * value[1] === d * d * value[0];
}

function apply([a, b]: Fraction, mark: string, [c, d]: Fraction): Fraction | undefined {
  switch (mark) {
    case "+":
      return [a * d + c * b, b * d];
    case "-":
      return [a * d - c * b, b * d];
    case "*":
      return [a * c, b * d];
    case "/":
      return c === 0n ? undefined : [a * d, b * c];
    case "^":
      return c % d === 0n && c / d >= 0n && c / d <= POWER_MAX && isSmall(a, b)
        ? [a ** (c / d), b ** (c / d)]
        : undefined;
    default:
      return undefined;
  }
}

/** Powers of powers outgrow any memory. */
const DIGITS_MAX = 1000;

function isSmall(...numbers: readonly bigint[]): boolean {
  return numbers.every((number) => number < LIMIT && -number < LIMIT);
}
const LIMIT = 10n ** BigInt(DIGITS_MAX);

/** "12.5" -> 125/10. */
export function readDecimal(text: string): Fraction {
  const [whole = "", decimals = ""] = text.split(".");
  return [BigInt(whole + decimals), 10n ** BigInt(decimals.length)];
}
