/** Confirms a unit witness with js-quantities alone, in floating point, where check relied on the exact table. */
import Qty from "js-quantities";
import type { Claim, Proof } from "../../types.ts";
import { maskMarkup } from "../../response/markup.ts";
import { tokenize } from "../../text/tokens.ts";
import { SIZES } from "./readings.ts";

const WITNESS = /^(.{1,900}); printed "([^"]{1,60})" at (\d{1,4}): (holds|fails)$/;
const EQUATION =
  /^(-?[\d./]{1,80}) (?:× (\d{1,20}\/\d{1,20}) )?([\w^/]{1,12}) = (-?[\d.]{1,80}) (?:× (\d{1,20}\/\d{1,20}) )?([\w^/]{1,12}) within ([\d.]{1,40})$/;

export function recheckUnits({ verdict, witness }: Proof, claim: Claim): boolean {
  const [, body = "", printed = "", at = "", outcome = ""] = WITNESS.exec(witness) ?? [];
  if (verdict !== (outcome === "holds" ? "supported" : "refuted") || outcome === "") return false;
  const tokens = tokenize(maskMarkup(claim.text)) ?? [];
  const right = tokens.find(({ start, text }) => start === Number(at) && text === printed)?.figure;
  if (right === undefined) return false;
  const figures = tokens.flatMap(({ figure }) => (figure === undefined ? [] : [toNumber(figure.value)]));
  const equations = body.split(" or ").map((part) => EQUATION.exec(part) ?? []);
  return (
    hasAllSizes(equations, claim.text) &&
    equations.every((parts) => isConfirmed(parts, toNumber(right.value), figures, outcome === "holds"))
  );
}

const toNumber = ({ n, d }: { readonly n: bigint; readonly d: bigint }): number => Number(n) / Number(d);

/** Value, multiple, unit, converted, multiple, unit, tolerance. */
function isConfirmed(
  [, valueText = "", over = "1", from = "", , under = "1", to = "", within = ""]: readonly (
    string | undefined
  )[],
  printed: number,
  figures: readonly number[],
  isHolding: boolean,
): boolean {
  const value = divide(valueText);
  if (!figures.includes(value) && value !== 1) return false;
  const converted = convertInFloat(value * divide(over), from, to) / divide(under);
  const difference = Math.abs(printed - converted);
  const slack = 1e-6 * Math.max(1, Math.abs(converted));
  return isHolding ? difference <= Number(within) + slack : difference > Number(within) - slack;
}

function divide(text: string): number {
  const [over = Number.NaN, under = 1] = text.split("/").map(Number);
  return over / under;
}

/** No size of a name in the claim may be left out, and none made up. */
function hasAllSizes(equations: ReadonlyArray<readonly (string | undefined)[]>, text: string): boolean {
  const used = equations.flatMap((parts) => parts[2] ?? parts[5] ?? []);
  if (used.length === 0) return equations.length === 1;
  const lower = text.toLowerCase();
  const [units] = equations.map((parts) => (parts[2] === undefined ? parts[6] : parts[3]));
  return [...SIZES].some(([name, sizes]) => {
    const own = sizes
      .filter(({ quantity }) => quantity === units)
      .map(({ multiple: [over, under] }) => `${over}/${under}`);
    return (
      lower.includes(name) && own.length === used.length && own.every((multiple) => used.includes(multiple))
    );
  });
}

/** NaN for what js-quantities refuses, such as a temperature below absolute zero. */
export function convertInFloat(value: number, from: string, to: string): number {
  try {
    return Qty(value, from).to(to).scalar;
  } catch {
    return Number.NaN;
  }
}
