/** What a form of calendar statement finds. */
import type { Token } from "../../text/tokens.ts";

export type DateMatch = {
  readonly start: number;
  readonly end: number;
  /** Undefined: the print allows both. */
  readonly holds: boolean | undefined;
  /** A formal statement that recheck.ts reads: `weekday 1776-07-04 = thursday`. */
  readonly witness: string;
  /** Says more than the calendar can tell: that somebody was born then. */
  readonly isFactual?: boolean;
};

export type DateForm = (tokens: readonly Token[], at: number) => DateMatch | undefined;

/** England and its colonies changed to this calendar in September 1752; earlier weekdays have two readings. */
export const CALENDAR_IS_CLEAR_FROM = 1753;
