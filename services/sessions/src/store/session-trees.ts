/**
 * Sessions as event streams `session-<root id>`, one for a grant and all that comes from it. What was read is kept, and an append
 * at the expected version finds out when it is old: a yes costs one transaction, and a no is said on what is there now.
 */
import { randomUUID } from "node:crypto";
import { isLastPage, type EventStore, type NewEvent, type OutboxMessage } from "@mira/event-store";
import { fold, refuse, succeed, type Decision, type Result } from "@mira/primitives";
import type { Pool, PoolClient } from "pg";
import { evolve, initialState, listChain, type SessionEvent, type SessionState } from "../domain/session.ts";
import { summarize } from "../domain/summary.ts";
import type { LoadedTree, SessionTrees } from "../ports.ts";
import {
  closeReservation,
  listReservations,
  lockAuthority,
  migrateAuthorities,
  NEVER_ADVANCED,
  openReservation,
  readAuthority,
} from "./authority-table.ts";
import { decodeSessionEvent, encodeSessionEvent } from "./session-events.ts";
import type { SessionTable } from "./session-table.ts";

/** Whom others hear of; reservations are between the sequencer and this service alone. */
const SUBJECTS: Readonly<Record<string, string>> = {
  SessionGranted: "mira.sessions.session.granted.v1",
  SessionAmended: "mira.sessions.session.amended.v1",
  SessionRevoked: "mira.sessions.session.revoked.v1",
};
const ATTEMPTS_MAX = 8;
const PAGE_EVENTS = 500;
/** Trees kept in memory; beyond it the oldest are read again when they are asked for. */
const KEPT_MAX = 4_096;
/** Decisions on one tree follow each other; this many may wait. */
const WAITING_MAX = 512;

export type OnDecided = (outcome: string, events: readonly SessionEvent[]) => void;
export type TreesOptions = {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly table: SessionTable;
  readonly onDecided: OnDecided;
};

type Decide = (loaded: LoadedTree) => Decision<SessionEvent>;

export function openSessionTrees(options: TreesOptions): SessionTrees & { migrate: () => Promise<void> } {
  const trees = new Trees(options);
  return {
    migrate: () => migrateAuthorities(options.pool),
    load: (sessionId) => trees.load(sessionId),
    loadAt: (rootId, version) => trees.loadAt(rootId, version),
    handle: (sessionId, owner, decide) => trees.handle(sessionId, owner, decide),
    findRoot: (sessionId) => trees.findRoot(sessionId),
    readAuthority: (owner) => readAuthority(options.pool, owner),
    listOpen: (query) => listReservations(options.pool, query),
  };
}

class Trees {
  readonly #options: TreesOptions;
  readonly #kept = new Map<string, LoadedTree>();
  readonly #roots = new Map<string, string>();
  readonly #queues = new Map<string, { waiting: number; tail: Promise<unknown> }>();

  constructor(options: TreesOptions) {
    this.#options = options;
  }

  async load(sessionId: string): Promise<LoadedTree> {
    return this.#refresh(await this.findRoot(sessionId), undefined);
  }

  async loadAt(rootId: string, version: number): Promise<SessionState> {
    let state = initialState;
    for (let read = 0; read < version;) {
      const limit = Math.min(PAGE_EVENTS, version - read);
      const page = await this.#options.store.readStream(`session-${rootId}`, {
        fromVersion: read + 1,
        limit,
      });
      state = fold(evolve, state, page.map(decodeSessionEvent));
      read += page.length;
      if (page.length < limit) break;
    }
    return state;
  }

  async findRoot(sessionId: string): Promise<string> {
    const known = this.#roots.get(sessionId);
    if (known !== undefined) return known;
    const root = await this.#options.table.findRoot(sessionId);
    if (root === sessionId) return root;
    if (this.#roots.size >= KEPT_MAX) this.#roots.clear();
    this.#roots.set(sessionId, root);
    return root;
  }

  /** One after the other within this process; other processes are found out by the version. */
  async handle(
    sessionId: string,
    owner: Uint8Array | undefined,
    decide: Decide,
  ): Promise<Result<LoadedTree>> {
    const rootId = await this.findRoot(sessionId);
    const queue = this.#queues.get(rootId) ?? { waiting: 0, tail: Promise.resolve() };
    if (queue.waiting >= WAITING_MAX)
      return refuse("OVERLOADED", "too many decisions on one grant wait", { limit: WAITING_MAX });
    this.#queues.set(rootId, queue);
    queue.waiting++;
    const run = queue.tail.then(() => this.#decide(rootId, owner, decide));
    queue.tail = run.catch(() => undefined);
    try {
      return await run;
    } finally {
      if (--queue.waiting === 0) this.#queues.delete(rootId);
    }
  }

  async #decide(rootId: string, owner: Uint8Array | undefined, decide: Decide): Promise<Result<LoadedTree>> {
    let known = this.#kept.get(rootId);
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const isFresh = known === undefined;
      const loaded = known ?? (await this.#refresh(rootId, owner));
      known = undefined;
      const decision = decide(loaded);
      if (!decision.ok) {
        if (!isFresh) continue;
        this.#options.onDecided(decision.code, []);
        return decision;
      }
      if (decision.events.length === 0) {
        if (isFresh) return succeed(loaded);
        continue;
      }
      const appended = await this.#append(loaded, decision.events);
      if (appended !== undefined) {
        this.#options.onDecided("accepted", decision.events);
        return succeed(appended);
      }
    }
    return refuse("CONCURRENT_CHANGE", "the same session was changed too often at once", {
      session: rootId,
      attempts: ATTEMPTS_MAX,
    });
  }

  /** undefined when something came between: decide again. */
  async #append(loaded: LoadedTree, events: readonly SessionEvent[]): Promise<LoadedTree | undefined> {
    const { rootId, version } = loaded;
    const state = fold(evolve, loaded.state, events);
    const stored = events.map((event): NewEvent => ({ ...encodeSessionEvent(event), id: randomUUID() }));
    const next: LoadedTree = { ...loaded, state, version: version + events.length };
    try {
      const result = await this.#options.store.append({
        stream: `session-${rootId}`,
        expectedVersion: version,
        events: stored,
        outbox: stored.flatMap((event, index) => toMessage(event, rootId, version + index + 1)),
        also: (client) => this.#project(client, next, events),
      });
      if (!result.ok) return undefined;
    } catch (error) {
      this.#kept.delete(rootId);
      if (error instanceof EpochMoved) return undefined;
      throw error;
    }
    this.#keep(next);
    return next;
  }

  async #project(client: PoolClient, next: LoadedTree, events: readonly SessionEvent[]): Promise<void> {
    const { rootId, state } = next;
    if (state.status === "none") return;
    const touched = new Set<string>();
    for (const event of events) {
      if (
        event.type === "SessionGranted" ||
        event.type === "BudgetReserved" ||
        event.type === "SessionAmended"
      )
        await this.#holdEpoch(client, next);
      if (event.type === "BudgetReserved")
        await openReservation(client, { messageHash: event.messageHash, rootId }, event.at);
      if (event.type === "BudgetCommitted" || event.type === "BudgetReleased")
        await closeReservation(client, { messageHash: event.messageHash, rootId });
      const ids = event.type === "SessionRevoked" ? [...state.sessions.keys()] : [event.sessionId];
      for (const id of ids) for (const { sessionId } of listChain(state, id)) touched.add(sessionId);
    }
    for (const sessionId of touched) {
      const session = state.sessions.get(sessionId);
      if (session !== undefined)
        await this.#options.table.write(client, rootId, summarize(session, next.authority));
    }
  }

  async #holdEpoch(client: PoolClient, { state, authority }: LoadedTree): Promise<void> {
    const [first] = state.status === "none" ? [] : state.sessions.values();
    if (first === undefined) return;
    const current = await lockAuthority(client, first.owner);
    if (current.epoch !== authority.epoch) throw new EpochMoved();
  }

  /** What is kept, and what was appended since; with the owner's epoch as it is now. */
  async #refresh(rootId: string, owner: Uint8Array | undefined): Promise<LoadedTree> {
    const kept = this.#kept.get(rootId);
    let state = kept?.state ?? initialState;
    let version = kept?.version ?? 0;
    for (;;) {
      const page = await this.#options.store.readStream(`session-${rootId}`, {
        fromVersion: version + 1,
        limit: PAGE_EVENTS,
      });
      state = fold(evolve, state, page.map(decodeSessionEvent));
      version += page.length;
      if (isLastPage(page, PAGE_EVENTS)) break;
    }
    const [first] = state.status === "none" ? [] : state.sessions.values();
    const whose = first?.owner ?? owner;
    const authority = whose === undefined ? NEVER_ADVANCED : await readAuthority(this.#options.pool, whose);
    const loaded = { rootId, state, version, authority };
    if (state.status !== "none" && version >= (this.#kept.get(rootId)?.version ?? 0)) this.#keep(loaded);
    return loaded;
  }

  #keep(tree: LoadedTree): void {
    this.#kept.delete(tree.rootId);
    this.#kept.set(tree.rootId, tree);
    if (this.#kept.size <= KEPT_MAX) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}

/** The owner's authority moved on between the decision and its commit. */
class EpochMoved extends Error {}

/** Stream and version travel along, so that whoever keeps a record sees when one is missing. */
function toMessage(event: NewEvent, rootId: string, version: number): readonly OutboxMessage[] {
  const subject = SUBJECTS[event.type];
  if (subject === undefined) return [];
  const headers = {
    "Mira-Type": event.type,
    "Mira-Schema-Version": String(event.schemaVersion),
    "Mira-Stream": `session-${rootId}`,
    "Mira-Stream-Version": String(version),
  };
  return [{ id: event.id, subject, payload: event.payload, headers }];
}
