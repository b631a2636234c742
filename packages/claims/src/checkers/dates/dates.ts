/** The calendar checker: days that do not exist, weekdays, leap years, month lengths, spans between dates, ages, order. */
import type { Checker, Claim, Finding } from "../../types.ts";
import type { Token } from "../../text/tokens.ts";
import { isWhole, readClaim } from "../reading.ts";
import { summarise, type Statement } from "../statement.ts";
import { AGE_FORMS } from "./ages.ts";
import { CALENDAR_FORMS } from "./calendar-forms.ts";
import type { DateForm } from "./match.ts";
import { recheckDates } from "./recheck.ts";
import { SPAN_FORMS } from "./spans.ts";

export const dateChecker: Checker = { name: "dates", judges: "truth", check, recheck: recheckDates };

const FORMS: readonly DateForm[] = [...SPAN_FORMS, ...AGE_FORMS, ...CALENDAR_FORMS];

/** Other calendars were in use; which one a text follows is not for a checker to guess. */
const OTHER_CALENDAR =
  /\b(?:julian|old style|o\.s\.|hijri|hebrew|islamic|lunar|chinese|ethiopian|revolutionary|fiscal)\b/i;

function check(claim: Claim): Finding {
  const reading = readClaim(claim);
  if (reading === undefined || OTHER_CALENDAR.test(reading.text)) return { verdict: "not-applicable" };
  return summarise(listStatements(reading.tokens), reading.reservation);
}

function listStatements(tokens: readonly Token[]): Statement[] {
  const statements: Statement[] = [];
  for (let at = 0; at < tokens.length;) {
    const match = FORMS.reduce<ReturnType<DateForm>>((found, form) => found ?? form(tokens, at), undefined);
    if (match !== undefined) {
      const { holds, witness } = match;
      const outcome = holds === undefined ? "open" : holds ? "holds" : "fails";
      const isWholeClaim = match.isFactual !== true && isWhole(tokens, match.start, match.end);
      statements.push({ holds, isWhole: isWholeClaim, witness: `${witness}: ${outcome}` });
    }
    at = Math.max(match?.end ?? 0, at + 1);
  }
  return statements;
}
