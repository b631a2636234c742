/** From an answer to one option: only what stands in the one constrained place counts, and nothing is searched for in free text. */
import { refuse, succeed } from "@mira/primitives";
import type { ChatAnswer, ModelResult, TokenLogprob } from "../chat/chat-types.ts";
import type { AnswerStyle } from "./verdict-prompt.ts";

export type Choice = {
  readonly letter: string;
  /** Softmax over the option tokens; absent where the server gave no usable log-probabilities. */
  readonly probabilities?: ReadonlyMap<string, number>;
};

/** The whole answer and no more: a second key, a code fence or a sentence around it makes it none. */
const SHAPES: Readonly<Record<AnswerStyle, RegExp>> = {
  "json-schema": /^\s*\{\s*"answer"\s*:\s*"([A-Z])"\s*\}\s*$/d,
  "json-object": /^\s*\{\s*"answer"\s*:\s*"([A-Z])"\s*\}\s*$/d,
  letter: /^\s*([A-Z])\s*$/d,
};

/** Less than this on all options together: the model would rather have said something else. */
const OPTIONS_MASS_MIN = 0.5;

export function readChoice(
  { content, logprobs }: ChatAnswer,
  letters: readonly string[],
  style: AnswerStyle,
): ModelResult<Choice> {
  const match = SHAPES[style].exec(content);
  const letter = match?.[1];
  const at = match?.indices?.[1]?.[0];
  if (letter === undefined || at === undefined || !letters.includes(letter))
    return refuse("MODEL_ANSWER_INVALID", "the answer is not one of the options", {
      needed: letters.join(", "),
      got: content.slice(0, 100),
    });
  const token = logprobs && findToken(logprobs, content, at);
  if (token === undefined) return succeed({ letter });
  const probabilities = readProbabilities(token, letters);
  if (probabilities === undefined) return succeed({ letter });
  if (probabilities === "little")
    return refuse("MODEL_ANSWER_INVALID", "the options together are less likely than other answers", {
      neededMin: OPTIONS_MASS_MIN,
    });
  return succeed({ letter, probabilities });
}

/** The token that holds the character at `at`. The tokens must spell the content, but for end-of-text tokens after it. */
function findToken(tokens: readonly TokenLogprob[], content: string, at: number): TokenLogprob | undefined {
  if (
    !tokens
      .map(({ token }) => unmark(token))
      .join("")
      .trimStart()
      .startsWith(content.trim())
  )
    return undefined;
  const spelled = tokens.map(({ token }) => unmark(token)).join("");
  // Servers trim the content's left side and keep the token's space.
  let position = content.length - content.trimStart().length - (spelled.length - spelled.trimStart().length);
  return tokens.find(({ token }) => {
    position += unmark(token).length;
    return position > at;
  });
}

/**
 * An option that is not among the alternatives is at most as likely as the least of them, and as what they leave over.
 * Undefined: there are no alternatives to compare with.
 */
function readProbabilities(
  token: TokenLogprob,
  letters: readonly string[],
): ReadonlyMap<string, number> | "little" | undefined {
  const listed = token.alternatives.length > 0 ? [...token.alternatives] : [];
  if (listed.length < 2) return undefined;
  if (!listed.some((one) => one.token === token.token)) listed.push(token);
  const sums = new Map<string, number>();
  let total = 0;
  let least = 1;
  for (const { token: text, logprob } of listed) {
    const probability = Math.exp(logprob);
    total += probability;
    least = Math.min(least, probability);
    const letter = letterOf(text);
    if (letters.includes(letter)) sums.set(letter, (sums.get(letter) ?? 0) + probability);
  }
  const floor = Math.max(0, Math.min(least, 1 - total));
  const weights = letters.map((letter) => sums.get(letter) ?? floor);
  const mass = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(mass >= OPTIONS_MASS_MIN)) return "little";
  return new Map(letters.map((letter, index) => [letter, (weights[index] ?? 0) / mass]));
}

/** `"K`, ` K` and `K"}` are ways of writing the letter; `OK` is another word. */
function letterOf(token: string): string {
  return unmark(token).replace(/[^\p{L}\p{N}]/gu, "");
}

/** Some servers show a tokenizer's mark for a space. */
function unmark(token: string): string {
  return token.replace(/^[▁Ġ]/u, " ");
}
