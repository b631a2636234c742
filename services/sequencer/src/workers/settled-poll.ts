/** Asks settlement how far it has come whenever its events are late: an event lost is a second lost, not a ledger stuck. */
import { delay } from "@mira/primitives";
import type { Logger, Settlement } from "../ports.ts";
import type { Term } from "./term.ts";

export async function pollSettled(options: {
  readonly settlement: Pick<Settlement, "readSettledBatches">;
  readonly getTerm: () => Term | undefined;
  readonly everyMs: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { settlement, getTerm, everyMs, logger, signal } = options;
  let seen = -1;
  while (await delay(everyMs, signal)) {
    const term = getTerm();
    if (term === undefined || term.window.speculation === 0) continue;
    const before = term.window.settledBatches;
    const hasMoved = before !== seen;
    seen = before;
    if (hasMoved) continue;
    try {
      term.settle(await settlement.readSettledBatches());
    } catch (error) {
      logger.warn({ error }, "settlement does not answer");
    }
  }
}
