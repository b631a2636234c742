/** The inputs of a partition as the VM takes them, and as the result names them. */
import { invariant } from "@mira/primitives";
import type { AccountInput, AccountValue } from "@mira/runtime/wire";
import type { CachedVersion } from "../domain/version-cache.ts";
import type { Need } from "../domain/waiting-room.ts";

export type ResolvedInputs = {
  readonly values: ReadonlyMap<string, AccountValue | undefined>;
  /** "As settled" has become the version it was. In the order of the needs, which is that of the keys. */
  readonly used: readonly AccountInput[];
};

/** Undefined when "as settled" has moved past the batch: it was settled in the meantime. */
export function resolveInputs(
  needs: readonly Need[],
  supplied: ReadonlyMap<string, CachedVersion<AccountValue>>,
  firstSequence: number,
): ResolvedInputs | undefined {
  const values = new Map<string, AccountValue | undefined>();
  const used: AccountInput[] = [];
  for (const need of needs) {
    const found = supplied.get(need.key);
    invariant(found !== undefined, "a partition runs when every input is supplied");
    if (need.version < 0 && found.version > firstSequence) return undefined;
    values.set(need.key, found.value);
    used.push({ key: need.key, version: found.version as AccountInput["version"] });
  }
  return { values, used };
}
