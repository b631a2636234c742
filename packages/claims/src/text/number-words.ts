/** Number words -> whole numbers: read by adding up, and believed only when spelling the sum gives the same words again. */
const UNITS =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const SCALES: ReadonlyArray<readonly [word: string, value: bigint]> = [
  ["trillion", 1_000_000_000_000n],
  ["billion", 1_000_000_000n],
  ["million", 1_000_000n],
  ["thousand", 1_000n],
];
export const MAGNITUDES: ReadonlyMap<string, number> = new Map([
  ["hundred", 2],
  ["thousand", 3],
  ["million", 6],
  ["billion", 9],
  ["trillion", 12],
]);

const WORDS = new Set([...UNITS, ...TENS.slice(1), ...MAGNITUDES.keys()]);

/** True for a word that can be part of a spelled number; hyphenated ones too. */
export function isNumberWord(word: string): boolean {
  return word.split("-").every((part) => WORDS.has(part));
}

/** Words in lower case, "and" left out by the caller. Undefined for anything that nobody would spell so. */
export function parseNumberWords(words: readonly string[]): bigint | undefined {
  const parts = words.flatMap((word) => word.split("-"));
  if (parts.length === 0 || parts.length > 24) return undefined;
  const total = addUp(parts);
  return total !== undefined && spell(total).join(" ") === parts.join(" ") ? total : undefined;
}

function addUp(parts: readonly string[]): bigint | undefined {
  let [total, group] = [0n, 0n];
  for (const part of parts) {
    const scale = SCALES.find(([word]) => word === part)?.[1];
    if (part === "hundred") group *= 100n;
    else if (scale !== undefined) [total, group] = [total + group * scale, 0n];
    else if (UNITS.includes(part)) group += BigInt(UNITS.indexOf(part));
    else if (TENS.includes(part)) group += BigInt(TENS.indexOf(part)) * 10n;
    else return undefined;
  }
  return total + group;
}

function spell(value: bigint): string[] {
  if (value === 0n) return ["zero"];
  let rest = value;
  const words: string[] = [];
  for (const [word, scale] of SCALES) {
    if (rest >= scale) words.push(...spellBelowThousand(rest / scale), word);
    rest %= scale;
  }
  return [...words, ...spellBelowThousand(rest)];
}

function spellBelowThousand(value: bigint): string[] {
  const words: string[] = [];
  const [hundreds, rest] = [Number(value / 100n), Number(value % 100n)];
  if (hundreds > 0) words.push(UNITS[hundreds] ?? "?", "hundred");
  if (rest >= 20) words.push(TENS[Math.floor(rest / 10)] ?? "?");
  const unit = rest >= 20 ? rest % 10 : rest;
  if (unit > 0) words.push(UNITS[unit] ?? "?");
  return words;
}
