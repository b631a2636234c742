/** Which accounts belong to the runtime itself: what a new VM holds, and the keys that the SVM reserves. */
import type { AccountValue } from "../wire/index.ts";
import { RESERVED_KEYS } from "../wire/programs.ts";

export function createRuntimeAccountTest(
  accounts: ReadonlyMap<string, AccountValue>,
): (key: string) => boolean {
  return (key) => accounts.has(key) || RESERVED_KEYS.has(key);
}
