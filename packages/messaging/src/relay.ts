/** Publishes the outbox, in order, as long as it runs. */
import { delay } from "@mira/primitives";
import { computeBackoffMs } from "./backoff.ts";
import type { Messaging } from "./connect.ts";
import type { Logger, OutboxStore } from "./ports.ts";
import { SILENT } from "./ports.ts";
import { rebuildLostStreams } from "./rebuild.ts";

export type RelayOptions = {
  readonly store: OutboxStore;
  readonly messaging: Messaging;
  /** Of this relay, in logs and in the store's cursors. */
  readonly name: string;
  readonly signal: AbortSignal;
  readonly logger?: Logger;
  /** Fallback for appends of other processes, which wake nobody here. */
  readonly pollMs?: number;
  /** From which position to publish again into a stream that was lost; everything (0n) when absent. */
  readonly rebuildFrom?: (stream: string) => Promise<bigint>;
};

export type Relay = {
  /** Resolves when the signal has aborted and the last page is marked. */
  readonly stopped: Promise<void>;
  /** Resolves when everything in the outbox at this moment is published and marked. */
  flush(): Promise<void>;
};

const POLL_MS = 500;
const PAGE = 512;
const BACKOFF = { firstMs: 100, maxMs: 5_000 };
const PUBLISH_DEADLINE_MS = 5_000;

/**
 * A message is marked after the stream has acknowledged it: a crash in between publishes it again with the same id. One relay per store
 * at a time keeps the order; two do no harm beyond repetitions. At the start and after every reconnection it looks whether a stream that it
 * publishes into was lost, and publishes the outbox's history into it again.
 */
export function startRelay(options: RelayOptions): Relay {
  const bell = createBell();
  const state: RelayState = { streamsAreChecked: false, idleRounds: 0 };
  const removeListener = options.store.onAppended(() => bell.ring());
  const removeReconnected = options.messaging.onReconnected(() => {
    state.streamsAreChecked = false;
    bell.ring();
  });
  const stopped = runUntilAborted(options, state, bell).finally(() => {
    removeListener();
    removeReconnected();
  });
  return {
    stopped,
    flush: async () => {
      // The round under way may have read before the caller's append: the second idle round has not.
      const target = state.idleRounds + 2;
      while (state.idleRounds < target && !options.signal.aborted) {
        bell.ring();
        await delay(1, options.signal);
      }
    },
  };
}

type RelayState = { streamsAreChecked: boolean; idleRounds: number };
type Bell = { ring(): void; wait(durationMs: number, signal: AbortSignal): Promise<void> };

async function runUntilAborted(options: RelayOptions, state: RelayState, bell: Bell): Promise<void> {
  const { name, signal, logger = SILENT } = options;
  for (let failures = 0; !signal.aborted;) {
    try {
      const published = await runRound(options, state);
      failures = 0;
      if (published > 0) continue;
      state.idleRounds += 1;
      await bell.wait(options.pollMs ?? POLL_MS, signal);
    } catch (error) {
      failures += 1;
      // A missing stream is one of the reasons a publication fails.
      state.streamsAreChecked = false;
      logger.warn({ relay: name, reason: String(error), failures }, "relay failed; trying again");
      await delay(computeBackoffMs(BACKOFF, failures), signal);
    }
  }
}

/** One page of the outbox. Says how many messages it published. */
async function runRound(
  { store, messaging, name, signal, rebuildFrom }: RelayOptions,
  state: RelayState,
): Promise<number> {
  if (!state.streamsAreChecked) {
    await rebuildLostStreams({ store, messaging, name, signal, ...(rebuildFrom ? { rebuildFrom } : {}) });
    state.streamsAreChecked = true;
  }
  const messages = await store.readOutbox({ afterPosition: await store.getPublished(), limit: PAGE });
  const last = messages.at(-1);
  if (last === undefined) return 0;
  await messaging.publishMany(messages, { signal, deadlineMs: PUBLISH_DEADLINE_MS });
  await store.markPublished(last.position);
  return messages.length;
}

/** A bell that is rung while nobody waits is heard by the next who does. */
function createBell(): Bell {
  let rung = false;
  let wake = (): void => undefined;
  return {
    ring: () => {
      rung = true;
      wake();
    },
    wait: async (durationMs, signal) => {
      const early = new AbortController();
      wake = () => early.abort();
      if (!rung) await delay(durationMs, AbortSignal.any([signal, early.signal]));
      rung = false;
    },
  };
}
