/** Confirms an arithmetic witness: its numbers stand in the claim, and its formal statement holds or fails as it says. */
import type { Claim, Proof } from "../../types.ts";
import { maskMarkup } from "../../response/markup.ts";
import { tokenize } from "../../text/tokens.ts";
import { evaluateFormal, readDecimal } from "./evaluate.ts";

/** Numbers that words or the form itself bring in: halves, thirds, percent, counts of a list. */
const OWN_NUMBERS = /^(?:\d|10|[1-4]\d|50|100)$/;

export function recheckArithmetic({ verdict, witness }: Proof, claim: Claim): boolean {
  const computed =
    /^([^=]{1,1000}) = (\S{1,800}); printed "([^"]{1,80})" at (\d{1,4}), within (\S{1,80}): (holds|fails)$/.exec(
      witness,
    );
  if (computed !== null) {
    const [, source = "", , printed = "", at = "", within = "", outcome] = computed;
    if (claim.text.slice(Number(at), Number(at) + 200).indexOf(printed.split(" ")[0] ?? printed) !== 0)
      return false;
    return (
      numbersAreIn(source, claim) &&
      doesHold(source, printed, within) === (outcome === "holds") &&
      fits(verdict, outcome)
    );
  }
  const compared = /^([^:]{1,300}): (holds|fails)$/.exec(witness);
  if (compared === null) return false;
  const [, statement = "", outcome] = compared;
  return (
    numbersAreIn(statement, claim) &&
    compareFormal(statement) === (outcome === "holds") &&
    fits(verdict, outcome)
  );
}

function fits(verdict: Proof["verdict"], outcome: string | undefined): boolean {
  return verdict === (outcome === "holds" ? "supported" : "refuted");
}

function doesHold(source: string, printed: string, within: string): boolean | undefined {
  const exact = evaluateFormal(source);
  const tolerance = evaluateFormal(within);
  const figure = tokenize(printed)?.[0]?.figure;
  if (exact === undefined || tolerance === undefined || figure === undefined) return undefined;
  const { n, d } = figure.value;
  const difference = n * exact[1] - exact[0] * d;
  const [above, scale] = [(difference < 0n ? -difference : difference) * tolerance[1], d * exact[1]];
  return difference === 0n || above * (scale < 0n ? -1n : 1n) <= tolerance[0] * scale;
}

function compareFormal(statement: string): boolean | undefined {
  const remainder = /^(-?\d+) mod (\d+) (!?=) 0$/.exec(statement);
  if (remainder !== null)
    return (BigInt(remainder[1] ?? 0) % BigInt(remainder[2] ?? 1) === 0n) === (remainder[3] === "=");
  const [left, sign, right] = statement.split(/ ([<>=]) /);
  const [one, other] = [evaluateFormal(left ?? ""), evaluateFormal(right ?? "")];
  if (one === undefined || other === undefined) return undefined;
  const difference = one[0] * other[1] - other[0] * one[1];
  return sign === "<" ? difference < 0n : sign === ">" ? difference > 0n : difference === 0n;
}

/** No number of the statement may come from elsewhere than the claim. */
function numbersAreIn(source: string, claim: Claim): boolean {
  const figures = (tokenize(maskMarkup(claim.text)) ?? []).flatMap(({ figure }) => figure ?? []);
  return (source.match(/\d+(?:\.\d+)?/g) ?? []).every((number) => {
    const [n, d] = readDecimal(number);
    const isPrinted = figures.some(
      ({ value }) => value.n * d === n * value.d || -value.n * d === n * value.d,
    );
    return isPrinted || OWN_NUMBERS.test(number);
  });
}
