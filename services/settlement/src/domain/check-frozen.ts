/** A frozen account is touched by nobody: its lamports may not change. */
import { refuse, type Refusal } from "@mira/primitives";
import { encodeBase58 } from "@mira/primitives";
import { findBefore, getResult, type ValueCheck } from "./check-value.ts";

export function checkFrozen(
  check: ValueCheck,
  isFrozen: (key: Uint8Array) => boolean,
): Refusal<"ACCOUNT_FROZEN"> | undefined {
  const result = getResult(check);
  for (let write = 0; write < result.writeKey.length; write++) {
    const key = check.batch.keys.key(result.writeKey[write] ?? 0);
    if (!isFrozen(key)) continue;
    const before = findBefore(check, write);
    const [low, high] = [result.writeLamports[2 * write], result.writeLamports[2 * write + 1]];
    if (low !== before.pairs[2 * before.at] || high !== before.pairs[2 * before.at + 1])
      return refuse("ACCOUNT_FROZEN", "a frozen account's lamports changed", { account: encodeBase58(key) });
  }
  return undefined;
}
