/** Wakes whoever waits for a verification, or for anything at all, in this process. */
import { once, EventEmitter } from "node:events";

const ANY = "any";

export type Bell = {
  readonly ring: (verificationId: string) => void;
  /** Resolves at the next ring for this verification (absent: for any), after `timeoutMs`, or when the signal aborts. */
  readonly wait: (options: {
    readonly verificationId?: string;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  }) => Promise<void>;
};

export function createBell(): Bell {
  const emitter = new EventEmitter();
  // One listener a waiting caller: calls and streams are bounded by the server.
  emitter.setMaxListeners(0);
  return {
    ring: (verificationId) => {
      emitter.emit(`v/${verificationId}`);
      emitter.emit(ANY);
    },
    wait: async ({ verificationId, timeoutMs, signal }) => {
      const ended = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      await once(emitter, verificationId === undefined ? ANY : `v/${verificationId}`, {
        signal: ended,
      }).catch(() => undefined);
    },
  };
}
