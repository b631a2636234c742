/** Spelled numbers among the tokens become figures: "twenty-one", "three hundred and five", "a dozen", "half a million". */
import { createFigure } from "./figure.ts";
import { isNumberWord, MAGNITUDES, parseNumberWords } from "./number-words.ts";
import type { Token } from "./token.ts";

export function foldNumberWords(tokens: readonly Token[]): Token[] {
  const folded: Token[] = [];
  for (let at = 0; at < tokens.length;) {
    const [token, next] = readPhrase(tokens, at);
    folded.push(...(token === undefined ? tokens.slice(at, at + 1) : [token]));
    at = next;
  }
  return folded;
}

/** The figure that begins at `at` and the index after it, or nothing and the next index. */
function readPhrase(tokens: readonly Token[], at: number): [Token | undefined, number] {
  const [first, second, third] = [tokens[at], tokens[at + 1], tokens[at + 2]];
  if (first?.kind !== "word") return [undefined, at + 1];
  const article = first.lower === "a" || first.lower === "an";
  const magnitude = MAGNITUDES.get(second?.lower ?? "");
  if (article && magnitude !== undefined && !isNumberWord(third?.lower ?? ""))
    return [join(tokens, at, 2, 1n, magnitude), at + 2];
  if ((article || first.lower === "one") && second?.lower === "dozen")
    return [join(tokens, at, 2, 12n, 0), at + 2];
  const half = MAGNITUDES.get(third?.lower ?? "");
  if (first.lower === "half" && second?.lower === "a" && half !== undefined && half > 2)
    return [join(tokens, at, 3, 5n, half - 1), at + 3];
  return isNumberWord(first.lower) ? readSpelled(tokens, at) : [undefined, at + 1];
}

function readSpelled(tokens: readonly Token[], at: number): [Token | undefined, number] {
  const words: string[] = [];
  let next = at;
  for (let token = tokens[next]; token?.kind === "word"; token = tokens[next]) {
    const isJoint = token.lower === "and" && /^(?:hundred|thousand|million)$/.test(words.at(-1) ?? "");
    if (isJoint ? !isNumberWord(tokens[next + 1]?.lower ?? "") : !isNumberWord(token.lower)) break;
    if (!isJoint) words.push(token.lower);
    next++;
  }
  const isPercent = tokens[next]?.lower === "percent" || tokens[next]?.lower === "%";
  const value = parseNumberWords(words);
  const count = next - at + (isPercent ? 1 : 0);
  // "Three and a half" is not three.
  if (isFollowedByPart(tokens, next))
    return [{ ...join(tokens, at, next - at + 3, 0n, 0), kind: "unparsed" }, next + 3];
  if (value === undefined) return [{ ...join(tokens, at, next - at, 0n, 0), kind: "unparsed" }, next];
  return [join(tokens, at, count, value, 0, isPercent), at + count];
}

function isFollowedByPart(tokens: readonly Token[], at: number): boolean {
  const [and, article, part] = tokens.slice(at, at + 3).map(({ lower }) => lower);
  return (
    and === "and" &&
    /^(?:a|one|two|three)$/.test(article ?? "") &&
    /^(?:half|third|quarter|fifth|eighth|tenth)s?$/.test(part ?? "")
  );
}

function join(
  tokens: readonly Token[],
  at: number,
  count: number,
  digits: bigint,
  place: number,
  isPercent = false,
): Token {
  const part = tokens.slice(at, at + count);
  const [start, end] = [part[0]?.start ?? 0, part.at(-1)?.end ?? 0];
  const text = part.map((token) => token.text).join(" ");
  return {
    kind: "figure",
    text,
    lower: text.toLowerCase(),
    start,
    end,
    figure: createFigure(digits, place, isPercent),
  };
}
