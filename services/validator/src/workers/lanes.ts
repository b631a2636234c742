/** Work in lanes: of one verification in order, of several side by side; slow work is bounded and holds up nothing else. */
import { createGate } from "@mira/models";

export type Lanes = {
  /** Resolves when there is room for more, not when the work is done. `work` MUST NOT reject. */
  readonly add: (lane: string, kind: "slow" | "quick", work: () => Promise<void>) => Promise<void>;
  /** Resolves when all that was added is done. */
  readonly settled: () => Promise<void>;
};

/** Beyond this, no more tasks are taken from the stream: its sender waits. */
const WAITING_MAX = 256;

export function createLanes(slowAtOnceMax: number): Lanes {
  const gate = createGate(slowAtOnceMax);
  const never = new AbortController().signal;
  const tails = new Map<string, Promise<void>>();
  const open = new Set<Promise<void>>();
  return {
    async add(lane, kind, work) {
      const before = tails.get(lane) ?? Promise.resolve();
      const done = before.then(() => (kind === "slow" ? gate(work, never) : work()));
      tails.set(lane, done);
      open.add(done);
      const leave = (): void => {
        open.delete(done);
        if (tails.get(lane) === done) tails.delete(lane);
      };
      void done.finally(leave);
      while (open.size >= WAITING_MAX) await Promise.race(open);
    },
    settled: async () => {
      await Promise.all(open);
    },
  };
}
