/** What a figure counts: only figures of one kind can agree or differ. */
import { absDifference, compareRationals } from "../../text/rational.ts";
import { getHalfUnit } from "../../text/figure.ts";
import { figureAt, type FigureToken, type Token } from "../../text/tokens.ts";
import { toStem } from "../../sources/words.ts";
import { readUnit } from "../units/read-measure.ts";

export type KindedFigure = {
  readonly token: FigureToken;
  /** Index among the tokens. */
  readonly at: number;
  /** "year", "percent", "$", "length m", "count people", "date". */
  readonly kind: string;
};

const OPEN_ENDED =
  /^(?:over|under|above|below|than|least|most|up|exceeding|exceeds|exceeded|nearly|almost|within|between)$/;

/** All figures of a sentence; undefined when one of them cannot be compared: a range, a bound, a power, a number left unread. */
export function listKindedFigures(tokens: readonly Token[]): KindedFigure[] | undefined {
  const figures: KindedFigure[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token.kind === "unparsed" || /^[×^*]$/.test(token.text)) return undefined;
    const figure = figureAt(tokens, at);
    if (figure === undefined || /^(?:one|zero)$/.test(figure.lower)) continue;
    if (
      OPEN_ENDED.test(tokens[at - 1]?.lower ?? "") ||
      (/^(?:to|or|-|–)$/.test(tokens[at - 1]?.lower ?? "") && tokens[at - 2]?.kind === "figure")
    )
      return undefined;
    figures.push({ token: figure, at, kind: findKind(tokens, at, figure) });
  }
  return figures;
}

function findKind(tokens: readonly Token[], at: number, token: FigureToken): string {
  if (token.figure.isPercent) return "percent";
  if (token.figure.currency !== "") return token.figure.currency;
  const unit = readUnit(tokens, at + 1);
  if (unit !== undefined)
    return unit.unit === "ambiguous"
      ? `unit ${toStem(unit.name)}`
      : `${unit.unit.kind} ${unit.unit.quantity}`;
  const next = tokens[at + 1];
  const isMonth = /^\p{Lu}/u.test(next?.text ?? "") && MONTH.test(next?.lower ?? "");
  if (isMonth || (MONTH.test(tokens[at - 1]?.lower ?? "") && /^\d{1,2}$/.test(token.text))) return "day";
  if (/^(?:1\d{3}|20\d{2})$/.test(token.text) && !isCounted(next)) return "year";
  return isCounted(next) ? `count ${toStem(next?.lower ?? "")}` : "number";
}

const MONTH = /^(?:january|february|march|april|may|june|july|august|september|october|november|december)$/;

function isCounted(token: Token | undefined): boolean {
  return (
    token?.kind === "word" &&
    !/^(?:in|on|at|by|and|or|to|of|for|with|from|as|is|was|were|are|the|when|after|before|during|since|until|while|he|she|it|they|but|which|that|tall|high|long|wide|deep|old)$/.test(
      token.lower,
    )
  );
}

/** "same" within the claim's printed precision; "other" when no rounding of either explains the difference; else "open". */
export function compareFigures(claimed: KindedFigure, found: KindedFigure): "same" | "other" | "open" {
  const [one, other] = [claimed.token.figure, found.token.figure];
  const order = compareRationals(one.value, other.value);
  if (order === 0) return "same";
  if (claimed.kind === "year" || claimed.kind === "day") return "other";
  const difference = absDifference(one.value, other.value);
  if (compareRationals(difference, getHalfUnit(one.place)) <= 0 && one.place !== 0) return "same";
  const loose = Math.max(one.loosePlace, other.loosePlace, one.place, other.place);
  return compareRationals(difference, getHalfUnit(loose)) <= 0 ? "open" : "other";
}
