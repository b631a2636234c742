/** Load, decide, append: how a service keeps one kind of event-sourced thing, each in a stream of its own. */
import { randomUUID } from "node:crypto";
import { fold, refuse, succeed, type Decision, type Refusal, type Result } from "@mira/primitives";
import type { PoolClient } from "pg";
import type { EventStore } from "./event-store.ts";
import type { NewEvent, OutboxMessage, StoredEvent } from "./model.ts";
import { isLastPage } from "./read.ts";

/** Names of the headers that say what a published event is and where it stands. */
const MESSAGE_HEADER = {
  type: "Mira-Type",
  schemaVersion: "Mira-Schema-Version",
  stream: "Mira-Stream",
  streamVersion: "Mira-Stream-Version",
} as const;

export type EncodedEvent = {
  readonly type: string;
  readonly schemaVersion: number;
  readonly payload: Uint8Array;
};

export type RepositoryOptions<State, Event> = {
  readonly store: EventStore;
  /** Streams are named `<category>-<id>`. */
  readonly category: string;
  readonly initialState: State;
  readonly evolve: (state: State, event: Event) => State;
  readonly encode: (event: Event) => EncodedEvent;
  readonly decode: (stored: EncodedEvent) => Event;
  /** On which subject others hear of an event of this type; undefined when nobody is told. */
  readonly subjectOf?: (type: string) => string | undefined;
  /** Told how each decision went: "accepted", or the code of the refusal. */
  readonly onDecided?: (outcome: string, events: readonly Event[]) => void;
  /** Writes read models in the transaction of the append. */
  readonly project?: (client: PoolClient, change: Change<State, Event>) => Promise<void>;
};

export type Change<State, Event> = {
  readonly id: string;
  readonly state: State;
  readonly version: number;
  readonly events: readonly Event[];
};

export type Repository<State, Event> = {
  readonly load: (id: string) => Promise<{ readonly state: State; readonly version: number }>;
  /**
   * Loads, decides, appends the events with their messages and read models in one transaction; on a concurrent change loads and
   * decides again, a bounded number of times. Durable when it resolves with a value.
   */
  readonly handle: (
    id: string,
    decide: (state: State) => Decision<Event>,
    traceparent?: string,
  ) => Promise<Result<Change<State, Event>>>;
};

const ATTEMPTS_MAX = 8;
const PAGE_EVENTS = 500;

export function createRepository<State, Event>(
  options: RepositoryOptions<State, Event>,
): Repository<State, Event> {
  return {
    load: (id) => loadState(options, id),
    async handle(id, decide, traceparent) {
      const result = await decideAndAppend(options, { id, decide, traceparent });
      if (result.ok && result.value.events.length > 0) options.onDecided?.("accepted", result.value.events);
      else if (!result.ok) options.onDecided?.(result.code, []);
      return result;
    },
  };
}

type Decide<State, Event> = {
  readonly id: string;
  readonly decide: (state: State) => Decision<Event>;
  readonly traceparent: string | undefined;
};

async function decideAndAppend<State, Event>(
  options: RepositoryOptions<State, Event>,
  { id, decide, traceparent }: Decide<State, Event>,
): Promise<Result<Change<State, Event>>> {
  let refusal: Refusal = refuse("CONCURRENT_CHANGE", "the same thing was changed too often at once", {
    id,
    attempts: ATTEMPTS_MAX,
  });
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const loaded = await loadState(options, id);
    const decision = decide(loaded.state);
    if (!decision.ok) return decision;
    const result = await appendDecided(options, { id, ...loaded, events: decision.events }, traceparent);
    if (result.ok || result.code !== "CONCURRENT_CHANGE") return result;
    refusal = result;
  }
  return refusal;
}

async function loadState<State, Event>(
  options: RepositoryOptions<State, Event>,
  id: string,
): Promise<{ state: State; version: number }> {
  let { initialState: state } = options;
  let version = 0;
  for (;;) {
    const page: StoredEvent[] = await options.store.readStream(`${options.category}-${id}`, {
      fromVersion: version + 1,
      limit: PAGE_EVENTS,
    });
    state = fold(options.evolve, state, page.map(options.decode));
    version += page.length;
    if (isLastPage(page, PAGE_EVENTS)) return { state, version };
  }
}

async function appendDecided<State, Event>(
  options: RepositoryOptions<State, Event>,
  current: Change<State, Event>,
  traceparent: string | undefined,
): Promise<Result<Change<State, Event>>> {
  const { id, events } = current;
  if (events.length === 0) return succeed(current);
  const encoded = events.map((event): NewEvent => ({
    ...options.encode(event),
    id: randomUUID(),
    ...(traceparent === undefined ? {} : { metadata: { traceparent } }),
  }));
  const change: Change<State, Event> = {
    id,
    events,
    state: fold(options.evolve, current.state, events),
    version: current.version + events.length,
  };
  const { project } = options;
  const stream = `${options.category}-${id}`;
  const result = await options.store.append({
    stream,
    expectedVersion: current.version,
    events: encoded,
    outbox: encoded.flatMap((event, index) =>
      toMessage(options, event, { stream, version: current.version + index + 1 }),
    ),
    ...(project === undefined ? {} : { also: (client: PoolClient) => project(client, change) }),
  });
  return result.ok ? succeed(change) : result;
}

type Place = { readonly stream: string; readonly version: number };

/** Stream and version travel along, so that whoever keeps a record sees when one is missing. */
function toMessage<State, Event>(
  { subjectOf }: RepositoryOptions<State, Event>,
  event: NewEvent,
  { stream, version }: Place,
): readonly OutboxMessage[] {
  const subject = subjectOf?.(event.type);
  if (subject === undefined) return [];
  const headers = {
    [MESSAGE_HEADER.type]: event.type,
    [MESSAGE_HEADER.schemaVersion]: String(event.schemaVersion),
    [MESSAGE_HEADER.stream]: stream,
    [MESSAGE_HEADER.streamVersion]: String(version),
  };
  return [{ id: event.id, subject, payload: event.payload, headers }];
}
