/** Upcasters: turn events of older schema versions into the newest when they are read. What is stored never changes. */
import { invariant } from "@mira/primitives";
import type { StoredEvent } from "./model.ts";

export type Upcaster = {
  readonly type: string;
  /** Takes events of this schema version and makes them one of the next. */
  readonly fromSchemaVersion: number;
  readonly upcast: (payload: Uint8Array) => Uint8Array;
};

export type Upcast = <E extends Pick<StoredEvent, "type" | "schemaVersion" | "payload">>(event: E) => E;

/** One function for all steps. Throws when two upcasters claim the same step. */
export function composeUpcasters(upcasters: readonly Upcaster[]): Upcast {
  const steps = new Map<string, Upcaster>();
  for (const upcaster of upcasters) {
    const key = stepKey(upcaster.type, upcaster.fromSchemaVersion);
    invariant(!steps.has(key), `two upcasters for ${key}`);
    steps.set(key, upcaster);
  }
  if (steps.size === 0) return (event) => event;
  return (event) => {
    let current = event;
    for (;;) {
      const step = steps.get(stepKey(current.type, current.schemaVersion));
      if (step === undefined) return current;
      current = {
        ...current,
        schemaVersion: current.schemaVersion + 1,
        payload: step.upcast(current.payload),
      };
    }
  };
}

function stepKey(type: string, schemaVersion: number): string {
  return `${type}@${schemaVersion}`;
}
