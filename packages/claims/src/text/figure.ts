/** A printed number with what its print says about precision. */
import { absDifference, compareRationals, powerOfTen, tryRational, type Rational } from "./rational.ts";

export type Figure = {
  readonly value: Rational;
  /** 10^place is the unit of the last printed digit: "3.5 billion" has place 8, "29,031.7" has -1. */
  readonly place: number;
  /** Place of the last digit that is not zero: "1,200" may be meant to the hundred. */
  readonly loosePlace: number;
  readonly isPercent: boolean;
  /** Sign of a currency printed before it, else "". */
  readonly currency: string;
};

/** digits * 10^place. */
export function createFigure(digits: bigint, place: number, isPercent = false, currency = ""): Figure {
  const scale = powerOfTen(place);
  const value = tryRational(digits * scale.n, scale.d) ?? { n: digits, d: 1n };
  let [loosePlace, rest] = [place, digits];
  while (rest !== 0n && rest % 10n === 0n && loosePlace < place + 30)
    [loosePlace, rest] = [loosePlace + 1, rest / 10n];
  // Printed decimals are meant: only the zeros of a whole number leave their precision open.
  return { value, place, loosePlace: place < 0 ? place : loosePlace, isPercent, currency };
}

/** Half of the unit of the last printed digit. */
export function getHalfUnit(place: number): Rational {
  const unit = powerOfTen(place);
  return tryRational(unit.n, unit.d * 2n) ?? unit;
}

/** Whether `printed` is `exact` rounded to the unit 10^place; both directions of a tie count. */
export function isWithin(printed: Rational, exact: Rational, tolerance: Rational): boolean {
  return compareRationals(absDifference(printed, exact), tolerance) <= 0;
}
