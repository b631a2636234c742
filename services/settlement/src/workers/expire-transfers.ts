/** Voids pending transfers whose time has come. */
import { delay } from "@mira/primitives";

const PAUSE_MS = 500;

export async function runExpiry(expireDue: () => Promise<number>, signal: AbortSignal): Promise<void> {
  while (await delay(PAUSE_MS, signal)) while ((await expireDue()) > 0 && !signal.aborted);
}
