/** Calls that wait: they end when what they wait for is there, or with the call. */
import type { CallContext } from "@mira/chassis";

/** Throws the reason of the call's end when that comes first: the chassis makes a deadline or a cancellation of it. */
export async function endWait(waiting: Promise<boolean>, call: CallContext): Promise<void> {
  if (!(await waiting)) call.signal.throwIfAborted();
}
