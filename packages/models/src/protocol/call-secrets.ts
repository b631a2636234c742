/** The random part of each call, and how the calls about one claim complement each other. */
import { randomBytes, randomInt } from "node:crypto";
import type { Verdict } from "@mira/primitives";
import type { CallSecrets } from "./verdict-prompt.ts";

/** One token each in every tokenizer, and no English word or grade: A, E, F, I, O, U, Y, N and T are left out. */
const LETTERS = ["B", "C", "D", "G", "H", "J", "K", "L", "M", "P", "Q", "R", "S", "V", "W", "X", "Z"];

const NONCE_BYTES = 9;

/**
 * `count` calls whose orders cancel what a model has against a place in the list: each second one is the mirror of the one
 * before, each pair begins one further.
 */
export function drawSecrets(count: number): readonly CallSecrets[] {
  const [first, second, third] = shuffle<Verdict>(["supported", "refuted", "unresolved"]);
  return Array.from({ length: count }, (_, at) => {
    const turned = turn([first, second, third], Math.floor(at / 2) % 3);
    const [one, two, three] = turned;
    const [a = "B", b = "C", c = "D"] = shuffle(LETTERS);
    return {
      nonce: randomBytes(NONCE_BYTES).toString("base64url"),
      letters: [a, b, c],
      order: at % 2 === 0 ? [one, two, three] : [three, two, one],
    };
  });
}

type Three<T> = readonly [T, T, T];

function turn<T>([a, b, c]: Three<T>, by: number): Three<T> {
  if (by === 0) return [a, b, c];
  return by === 1 ? [b, c, a] : [c, a, b];
}

function shuffle<T>(items: Three<T>): Three<T>;
function shuffle<T>(items: readonly T[]): readonly T[];
function shuffle<T>(items: readonly T[]): readonly T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(randomInt(left.length), 1));
}
