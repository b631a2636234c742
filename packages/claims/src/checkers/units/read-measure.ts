/** Tokens -> measures: a figure and the unit that follows it. */
import { figureAt, type FigureToken, type Token } from "../../text/tokens.ts";
import { UNIT_NAMES, type UnitName } from "./unit-names.ts";

export type Measure = {
  readonly figure: FigureToken;
  readonly unit: UnitName;
  /** The unit as printed, lower case. */
  readonly name: string;
  readonly next: number;
};

const WORDS_MAX = 3;

export function readMeasure(tokens: readonly Token[], at: number | undefined): Measure | undefined {
  const figure = figureAt(tokens, at);
  if (at === undefined || figure === undefined || figure.figure.isPercent) return undefined;
  const hyphen = tokens[at + 1]?.text === "-" && tokens[at + 1]?.start === figure.end ? 1 : 0;
  const found = readUnit(tokens, at + 1 + hyphen);
  return found === undefined ? undefined : { figure, ...found };
}

/** The longest name at `at`. "in" is a unit only where it cannot be the preposition: before a bracket, a sign or the end. */
export function readUnit(tokens: readonly Token[], at: number): Omit<Measure, "figure"> | undefined {
  for (let count = WORDS_MAX; count >= 1; count--) {
    const name = joinName(tokens, at, count);
    const unit = name === undefined ? undefined : UNIT_NAMES.get(name);
    if (name === undefined || unit === undefined) continue;
    const next = at + count;
    if (name === "in" && tokens[next]?.kind === "word") return undefined;
    if (/^[/^²³]$/.test(tokens[next]?.text ?? "") || tokens[next]?.lower === "per") return undefined;
    return { unit, name, next };
  }
  return undefined;
}

/** "km", "/", "h" print as one; "square", "metres" as two words. */
function joinName(tokens: readonly Token[], at: number, count: number): string | undefined {
  const part = tokens.slice(at, at + count);
  if (part.length < count || part.some(({ kind, text }) => kind !== "word" && !/^[°/²³]$/.test(text)))
    return undefined;
  return part.reduce((name, token, index) => {
    const isTied = index > 0 && token.start === part[index - 1]?.end;
    return index === 0 || isTied ? name + token.lower : `${name} ${token.lower}`;
  }, "");
}
