/** The decider: `decide(command, state)` says accept(events) or refuse(code); `evolve` folds events. Pure. */
import type { Refusal } from "./refusal.ts";
import type { RefusalCode } from "./refusal-codes.ts";

export type Decision<Event, Code extends RefusalCode = RefusalCode> =
  { readonly ok: true; readonly events: readonly Event[] } | Refusal<Code>;

export type Decider<Command, State, Event, Code extends RefusalCode = RefusalCode> = {
  readonly initialState: State;
  readonly decide: (command: Command, state: State) => Decision<Event, Code>;
  readonly evolve: (state: State, event: Event) => State;
};

export function accept<Event>(...events: readonly Event[]): {
  readonly ok: true;
  readonly events: readonly Event[];
} {
  return { ok: true, events };
}

export function fold<State, Event>(
  evolve: (state: State, event: Event) => State,
  initialState: State,
  events: Iterable<Event>,
): State {
  let state = initialState;
  for (const event of events) state = evolve(state, event);
  return state;
}
