/** From single statements to a finding about the claim that holds them. */
import type { Finding } from "../types.ts";

export type Statement = {
  /** Undefined: looked at, and open. */
  readonly holds: boolean | undefined;
  /** The claim says this and nothing else. A true detail does not prove the sentence around it; a false one refutes it. */
  readonly isWhole: boolean;
  readonly witness: string;
};

export const WITNESS_CHARS_MAX = 1000;

/** One false statement refutes a claim; a true one proves it only when it is all the claim says. */
export function summarise(statements: readonly Statement[], reservation: string | undefined): Finding {
  const [first] = statements;
  if (first === undefined) return { verdict: "not-applicable" };
  const refuting = statements.find(({ holds }) => holds === false);
  const decisive = refuting ?? statements.find(({ holds }) => holds === undefined) ?? first;
  const witness = decisive.witness.slice(0, WITNESS_CHARS_MAX);
  if (reservation !== undefined) return { verdict: "undecided", witness: `${reservation}; ${witness}` };
  if (refuting !== undefined) return { verdict: "refuted", witness };
  if (statements.length === 1 && first.holds === true && first.isWhole) return { verdict: "proved", witness };
  const why = decisive.holds === undefined ? "" : "; the rest of the claim is not checked";
  return { verdict: "undecided", witness: `${witness}${why}` };
}
