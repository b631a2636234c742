/** Asks a signal again after a wait: the type checker believes what was read of it before. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
