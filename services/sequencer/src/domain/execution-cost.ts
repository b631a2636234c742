/** How long a transaction will run, before it runs: from its compute unit limit and from what its program was seen to use. */

/** Loading accounts, reading logs and writing back, whatever the program. */
const BASE_US = 25;
/** The virtual machine's pace, with account copies counted in. */
const US_PER_UNIT = 0.005;
/** Weight of the newest observation. */
const SMOOTHING = 0.05;
const PROGRAMS_MAX = 4_096;

export class ExecutionCosts {
  readonly #averageUnits = new Map<string, number>();

  /** `program`: the one program that is not built in, when there is exactly one. Never above what the limit allows. */
  estimateUs(unitLimit: number, program: string | undefined): number {
    const seen = program === undefined ? undefined : this.#averageUnits.get(program);
    return BASE_US + Math.min(unitLimit, seen ?? unitLimit) * US_PER_UNIT;
  }

  observe(program: string, units: number): void {
    const average = this.#averageUnits.get(program);
    if (average === undefined && this.#averageUnits.size >= PROGRAMS_MAX) return;
    this.#averageUnits.set(program, average === undefined ? units : average + (units - average) * SMOOTHING);
  }
}
