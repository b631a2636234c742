/** Printed numerals -> numbers, by two readers that share nothing. Where they differ, or either refuses, there is no number. */

/** value = digits / 10^decimals. */
export type Numeral = { readonly digits: bigint; readonly decimals: number };

const NUMERAL_CHARS_MAX = 40;

/** English numerals: "1,234.5", "1 234 567" with no-break or thin spaces, "0.05". Undefined for "12,5", "1.234.567", "007". */
export function parseNumeral(text: string): Numeral | undefined {
  if (text.length > NUMERAL_CHARS_MAX) return undefined;
  const [one, other] = [readByPattern(text), readByDigits(text)];
  if (one === undefined || other === undefined) return undefined;
  return one.digits === other.digits && one.decimals === other.decimals ? one : undefined;
}

/** First reader: the whole shape at once. */
function readByPattern(text: string): Numeral | undefined {
  const match =
    /^(0|[1-9]\d*|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?:[\u00a0\u2009\u202f]\d{3})+)(?:\.(\d+))?$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, whole = "", fraction = ""] = match;
  return { digits: BigInt(whole.replaceAll(/\D/g, "") + fraction), decimals: fraction.length };
}

/** Second reader: digit by digit from the left, counting how many stand since the last mark. */
function readByDigits(text: string): Numeral | undefined {
  let [digits, decimals, sinceMark, separator] = [0n, -1, 0, ""];
  for (const char of text) {
    const digit = "0123456789".indexOf(char);
    if (digit >= 0) {
      digits = digits * 10n + BigInt(digit);
      sinceMark++;
      if (decimals >= 0) decimals++;
      continue;
    }
    if (decimals >= 0 || sinceMark === 0 || (separator !== "" && sinceMark !== 3)) return undefined;
    if (char === ".") decimals = 0;
    else if (!",\u00a0\u2009\u202f".includes(char) || (separator !== "" && separator !== char))
      return undefined;
    else if (separator === "" && (sinceMark > 3 || digits === 0n)) return undefined;
    else separator = char;
    sinceMark = 0;
  }
  if (sinceMark === 0 || (separator !== "" && decimals < 0 && sinceMark !== 3)) return undefined;
  const isPadded = text.startsWith("0") && text.length > 1 && !text.startsWith("0.");
  return isPadded ? undefined : { digits, decimals: Math.max(decimals, 0) };
}
