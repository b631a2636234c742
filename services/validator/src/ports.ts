/** What the worker needs of others. */
import type { Result } from "@mira/primitives";
import type { Assignment, SignedAttestation, SignedCommitments } from "./domain/attest.ts";

export type Journal = {
  readonly find: (verificationId: string) => readonly SignedAttestation[] | undefined;
  /** Durable when it resolves. A caller MUST NOT send anything signed before. */
  readonly record: (verificationId: string, attestations: readonly SignedAttestation[]) => Promise<void>;
  /**
   * Whether this is the first statement of its verification, or the same again. Durable when it resolves: of two different ones, a
   * validator signs one.
   */
  readonly claimStatement: (verificationId: string, statement: Uint8Array) => Promise<boolean>;
  readonly close: () => Promise<void>;
};

export type Task =
  | { readonly kind: "commit"; readonly assignment: Assignment }
  | { readonly kind: "reveal"; readonly verificationId: string }
  | { readonly kind: "sign"; readonly verificationId: string; readonly statement: Uint8Array };

/** The verifier, as this validator sees it. */
export type Verifier = {
  /** Tasks as they come, across broken connections; what was not done is sent again. */
  readonly watchTasks: (signal: AbortSignal) => AsyncIterable<Task>;
  readonly commit: (verificationId: string, commitments: SignedCommitments) => Promise<Result<unknown>>;
  readonly reveal: (
    verificationId: string,
    attestations: readonly SignedAttestation[],
  ) => Promise<Result<unknown>>;
  readonly sign: (verificationId: string, signature: Uint8Array) => Promise<Result<unknown>>;
};
