/** Puts one claim before this validator's checkers: proofs at once, opinions only where nothing is proved and while there is time. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { runCheckers, type Source } from "@mira/claims";
import { refuse, type Result } from "@mira/primitives";
import { combine, NOTHING_FOUND, type Opinion, type Report } from "../domain/combine.ts";
import type { AssignedClaim } from "../domain/attest.ts";

/** Something that has opinions: the entailment scorer, a chat model, a classifier. */
export type Adviser = {
  readonly name: string;
  /** Throws only when the signal aborts. Undefined: nothing here for it to judge. */
  readonly advise: (
    claim: AssignedClaim,
    sources: readonly Source[],
    signal: AbortSignal,
  ) => Promise<Result<Opinion | undefined>>;
};

export type Examine = (
  claim: AssignedClaim,
  response: string,
  sources: readonly Source[],
  signal: AbortSignal,
) => Promise<Report>;

export type ExamineOptions = {
  readonly deterministic: boolean;
  readonly advisers: readonly Adviser[];
  /** An adviser that could not say anything, and why. */
  readonly onAbstained: (adviser: string, reason: string) => void;
  readonly onAdvised: (opinion: Opinion) => void;
};

/** When the signal aborts, what is known by then is what is said. */
export function createExamine(options: ExamineOptions): Examine {
  return async (claim, response, sources, signal) => {
    // Thousands of claims in one assignment must not keep the stream of assignments waiting.
    await nextTurn();
    const found = options.deterministic ? runCheckers(claim, response, sources) : NOTHING_FOUND;
    if (found.evidence.length > 0) return combine(found, []);
    const asked = options.advisers.map((adviser) => ask(adviser, claim, sources, signal, options));
    const opinions = (await Promise.all(asked)).filter((opinion) => opinion !== undefined);
    return combine(found, opinions);
  };
}

async function ask(
  { name, advise }: Adviser,
  claim: AssignedClaim,
  sources: readonly Source[],
  signal: AbortSignal,
  { onAbstained, onAdvised }: ExamineOptions,
): Promise<Opinion | undefined> {
  const advised = signal.aborted ? LATE : await advise(claim, sources, signal).catch(orLate(signal));
  if (!advised.ok) onAbstained(name, `${advised.code}: ${advised.message}`);
  else if (advised.value !== undefined) onAdvised(advised.value);
  return advised.ok ? advised.value : undefined;
}

const LATE = refuse("MODEL_UNAVAILABLE", "the time for this assignment passed");

/** What is thrown before the signal aborts is a bug, and ends the assignment. */
function orLate(signal: AbortSignal): (error: unknown) => typeof LATE {
  return (error) => {
    if (!signal.aborted) throw error;
    return LATE;
  };
}
