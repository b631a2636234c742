/** One word, figure or symbol of a text. */
import type { Figure } from "./figure.ts";

export type Token = {
  /** `unparsed`: looks like a number, but is a range, a version, a foreign notation. `ordinal`: "4th". `isodate`: "2021-03-04". */
  readonly kind: "word" | "figure" | "symbol" | "ordinal" | "isodate" | "unparsed";
  readonly text: string;
  readonly lower: string;
  readonly start: number;
  readonly end: number;
  readonly figure?: Figure;
};

export type FigureToken = Token & { readonly figure: Figure };

/** The token at `at` when it is a figure. */
export function figureAt(tokens: readonly Token[], at: number | undefined): FigureToken | undefined {
  const token = at === undefined ? undefined : tokens[at];
  return token?.kind === "figure" && token.figure !== undefined ? (token as FigureToken) : undefined;
}
