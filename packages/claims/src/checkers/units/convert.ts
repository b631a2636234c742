/** Exact conversion by the table of factors. */
import { operate, type Rational } from "../../text/rational.ts";
import type { UnitEntry } from "./unit-names.ts";

export function convertExactly(value: Rational, from: UnitEntry, to: UnitEntry): Rational | undefined {
  const shifted =
    from.offset === undefined ? value : operate(value, "+", { n: from.offset[0], d: from.offset[1] });
  const base = shifted && operate(shifted, "*", { n: from.factor[0], d: from.factor[1] });
  const scaled = base && operate(base, "/", { n: to.factor[0], d: to.factor[1] });
  if (scaled === undefined || to.offset === undefined) return scaled;
  return operate(scaled, "-", { n: to.offset[0], d: to.offset[1] });
}
