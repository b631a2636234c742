/** Wakes whoever waits for a verification, or for anything at all, in this process. */
import { EventEmitter, once } from "node:events";
import type { Bell, Ear } from "../ports.ts";

const ANY = "any";
const RUNG = "rung";

export function createBell(): Bell {
  const rings = new EventEmitter();
  // One listener a waiting caller: calls and streams are bounded by the server.
  rings.setMaxListeners(0);
  return {
    ring: (verificationId) => {
      rings.emit(nameOf(verificationId));
      rings.emit(ANY);
    },
    listen: (verificationId) => listen(rings, verificationId === undefined ? ANY : nameOf(verificationId)),
  };
}

/** What rings between two waits is kept: whoever looks, and then waits, misses nothing that happened after the look. */
function listen(rings: EventEmitter, name: string): Ear {
  const own = new EventEmitter();
  let heard = false;
  const hear = (): void => {
    heard = true;
    own.emit(RUNG);
  };
  rings.on(name, hear);
  return {
    async wait({ timeoutMs, signal }) {
      if (!heard)
        await once(own, RUNG, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) }).catch(
          () => undefined,
        );
      heard = false;
    },
    close: () => rings.off(name, hear),
  };
}

function nameOf(verificationId: string): string {
  return `v/${verificationId}`;
}
