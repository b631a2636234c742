/** Follows results only while something unsettled calls user programs: plain transfers weigh nothing and cost nothing. */
import { delay } from "@mira/primitives";
import type { Term } from "./term.ts";

const LOOK_EVERY_MS = 500;

export async function observeCosts(options: {
  readonly getTerm: () => Term | undefined;
  /** Follows new results until the signal aborts. */
  readonly follow: (signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { getTerm, follow, signal } = options;
  while (await delay(LOOK_EVERY_MS, signal)) {
    if (getTerm()?.window.callsPrograms !== true) continue;
    const over = new AbortController();
    const following = follow(over.signal);
    while ((await delay(LOOK_EVERY_MS, signal)) && getTerm()?.window.callsPrograms === true) continue;
    over.abort();
    await following;
  }
}
