/** What the api and the reactor need of others. */
import type { Decision, Result, UnixMs } from "@mira/primitives";
import type { Authority, SessionEvent, SessionState } from "./domain/session.ts";
import type { SessionSummary } from "./domain/summary.ts";

/** A tree of sessions as of a version of its stream, and the authority of its owner. */
export type LoadedTree = {
  readonly rootId: string;
  readonly state: SessionState;
  readonly version: number;
  readonly authority: Authority;
};

export type SessionTrees = {
  /** The tree that a session belongs to, as it is now. */
  readonly load: (sessionId: string) => Promise<LoadedTree>;
  /** As it was at a version. */
  readonly loadAt: (rootId: string, version: number) => Promise<SessionState>;
  /**
   * Decides on the tree that a session belongs to, and appends; again, a bounded number of times, when something came between.
   * Durable when it resolves with a value. `owner`: whose authority counts where there is no tree yet.
   */
  readonly handle: (
    sessionId: string,
    owner: Uint8Array | undefined,
    decide: (loaded: LoadedTree) => Decision<SessionEvent>,
  ) => Promise<Result<LoadedTree>>;
  readonly findRoot: (sessionId: string) => Promise<string>;
  readonly readAuthority: (owner: Uint8Array) => Promise<Authority>;
  /** Reservations made before an instant that have not ended, oldest first. */
  readonly listOpen: (query: {
    readonly before: number;
    readonly limit: number;
  }) => Promise<readonly { readonly messageHash: string; readonly rootId: string }[]>;
};

/** An owner's authority moves on: every session signed under an earlier epoch is over. */
export type Authorities = {
  readonly advance: (
    owner: Uint8Array,
    decide: (authority: Authority) => Decision<AuthorityEvent>,
  ) => Promise<Result<Authority>>;
};

export type AuthorityEvent = {
  readonly type: "AuthorityAdvanced";
  readonly owner: Uint8Array;
  readonly epoch: number;
  readonly intent: {
    readonly intent: Uint8Array;
    readonly publicKey: Uint8Array;
    readonly signature: Uint8Array;
  };
  readonly at: UnixMs;
};

export type RefusedUse = {
  readonly messageHash: string;
  readonly rootId: string;
  readonly version: number;
  readonly authority: Authority;
  /** The request as it came. */
  readonly request: Uint8Array;
  readonly at: UnixMs;
  readonly traceId: string;
};

/** Uses that were refused, for a while: whoever asks why gets the same decision, made again on the same state. */
export type RefusedUses = {
  readonly record: (use: RefusedUse) => Promise<void>;
  readonly find: (messageHash: string) => Promise<RefusedUse | undefined>;
};

export type SessionQuery = {
  readonly owner?: Uint8Array;
  /** Only sessions that could act at this instant, as it was then: the answer to "who had permission?". */
  readonly activeAt?: UnixMs;
  readonly limit: number;
  readonly afterNumber: bigint;
};

export type SessionPage = {
  readonly sessions: readonly SessionSummary[];
  readonly nextNumber: bigint | undefined;
};
export type SessionList = { readonly list: (query: SessionQuery) => Promise<SessionPage> };
export type Clock = { readonly now: () => UnixMs };
