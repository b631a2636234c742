/** Given events, when a command, then events or a refusal: how every decider is tested. */
import assert from "node:assert/strict";
import { fold } from "@mira/primitives";
import type { Decider, Decision, RefusalCode, RefusalDetails } from "@mira/primitives";

export type Given<Command, Event, Code extends RefusalCode> = {
  when(command: Command): When<Event, Code>;
};

export type When<Event, Code extends RefusalCode> = {
  /** Exactly these events, in this order. */
  then(...events: readonly Event[]): void;
  /** This refusal, with at least these details. */
  thenRefuses(code: Code, details?: RefusalDetails): void;
  readonly decision: Decision<Event, Code>;
};

export function given<Command, State, Event, Code extends RefusalCode>(
  decider: Decider<Command, State, Event, Code>,
  events: readonly NoInfer<Event>[] = [],
): Given<Command, Event, Code> {
  return {
    when(command) {
      const decision = decider.decide(command, fold(decider.evolve, decider.initialState, events));
      return {
        decision,
        then: (...expected) => assertEvents(decision, expected),
        thenRefuses: (code, details) => assertRefusal(decision, code, details),
      };
    },
  };
}

function assertEvents<Event>(decision: Decision<Event>, expected: readonly Event[]): void {
  assert.ok(decision.ok, `expected events, got ${describe(decision)}`);
  assert.deepEqual(decision.events, expected);
}

function assertRefusal(decision: Decision<unknown>, code: RefusalCode, details: RefusalDetails = {}): void {
  assert.ok(!decision.ok, `expected the refusal ${code}, got ${describe(decision)}`);
  assert.equal(decision.code, code, decision.message);
  for (const [name, value] of Object.entries(details))
    assert.equal(decision.details[name], value, `details.${name}`);
}

function describe(decision: Decision<unknown>): string {
  if (!decision.ok) return `${decision.code}: ${decision.message}`;
  return JSON.stringify(decision.events, (_key, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
}
