/** Confirms a unit witness with js-quantities alone, in floating point, where check relied on the exact table. */
import Qty from "js-quantities";
import type { Claim, Proof } from "../../types.ts";
import { maskMarkup } from "../../response/markup.ts";
import { tokenize } from "../../text/tokens.ts";

const FORM =
  /^(-?[\d./]{1,80}) ([\w^/]{1,12}) = (-?[\d.]{1,80}) ([\w^/]{1,12}); printed "([^"]{1,60})" at (\d{1,4}), within ([\d.]{1,40}): (holds|fails)$/;

export function recheckUnits({ verdict, witness }: Proof, claim: Claim): boolean {
  const [, valueText = "", from = "", , to = "", printed = "", at = "", within = "", outcome = ""] =
    FORM.exec(witness) ?? [];
  if (verdict !== (outcome === "holds" ? "supported" : "refuted") || outcome === "") return false;
  const tokens = tokenize(maskMarkup(claim.text)) ?? [];
  const right = tokens.find(({ start, text }) => start === Number(at) && text === printed)?.figure;
  if (right === undefined) return false;
  const [over = 0, under = 1] = valueText.split("/").map(Number);
  const value = over / under;
  const left = tokens.find(
    ({ figure }) => figure !== undefined && Number(figure.value.n) / Number(figure.value.d) === value,
  );
  if (left === undefined && value !== 1) return false;
  const converted = convertInFloat(value, from, to);
  const difference = Math.abs(Number(right.value.n) / Number(right.value.d) - converted);
  const slack = 1e-6 * Math.max(1, Math.abs(converted));
  return outcome === "holds" ? difference <= Number(within) + slack : difference > Number(within) - slack;
}

/** NaN for what js-quantities refuses, such as a temperature below absolute zero. */
export function convertInFloat(value: number, from: string, to: string): number {
  try {
    return Qty(value, from).to(to).scalar;
  } catch {
    return Number.NaN;
  }
}
