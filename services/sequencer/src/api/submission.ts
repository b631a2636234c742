/** One call's transactions on their way through admission: each is refused on its own, the rest goes on. */
import type { Refusal } from "@mira/primitives";
import type { SessionView } from "../ports.ts";
import type { LookupTable } from "./lookup-tables.ts";
import type { Prepared } from "./prepare.ts";

export type Entry = {
  /** Place in the request. */
  readonly index: number;
  readonly prepared: Prepared;
  readonly sessionId: string;
  session: SessionView | undefined;
  messageHash: Uint8Array;
  tables: readonly LookupTable[];
  isBudgetReserved: boolean;
};

export class Submission {
  readonly count: number;
  readonly refusals = new Map<number, Refusal>();
  /** What is not refused, in request order. */
  entries: Entry[] = [];

  constructor(count: number) {
    this.count = count;
  }

  add(index: number, prepared: Prepared, sessionId: string): void {
    this.entries.push({
      index,
      prepared,
      sessionId,
      session: undefined,
      messageHash: NO_HASH,
      tables: [],
      isBudgetReserved: false,
    });
  }

  /** Refuses each entry for which `judge` gives a refusal. */
  filter(judge: (entry: Entry, at: number) => Refusal | undefined): void {
    this.entries = this.entries.filter((entry, at) => {
      const refusal = judge(entry, at);
      if (refusal !== undefined) this.refusals.set(entry.index, refusal);
      return refusal === undefined;
    });
  }

  /** As `filter`, judging all at once. Throws what one of them threw, when all have come to an end. */
  async filterAsync(judge: (entry: Entry) => Promise<Refusal | undefined>): Promise<void> {
    const judged = await Promise.allSettled(this.entries.map(judge));
    const refusals = judged.map((outcome) => {
      if (outcome.status === "rejected") throw outcome.reason;
      return outcome.value;
    });
    this.filter((_entry, at) => refusals[at]);
  }

  refuseAll(refusal: Refusal): void {
    this.filter(() => refusal);
  }
}

const NO_HASH = new Uint8Array(0);
