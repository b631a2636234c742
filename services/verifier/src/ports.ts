/** What the api and the workers need of others. */
import type { Candidate } from "@mira/committee";
import type { Decision, Result, UnixMs } from "@mira/primitives";
import type {
  AccountedSentence,
  FixedProof,
  Span,
  VerificationEvent,
  VerificationState,
} from "./domain/verification.ts";

export type VerificationStreams = {
  readonly load: (verificationId: string) => Promise<{ readonly state: VerificationState }>;
  readonly handle: (
    verificationId: string,
    decide: (state: VerificationState) => Decision<VerificationEvent>,
  ) => Promise<Result<{ readonly state: VerificationState; readonly events: readonly VerificationEvent[] }>>;
};

export type VerificationList = {
  /** Those without a certificate, oldest first. */
  readonly listOpen: (limit: number) => Promise<readonly string[]>;
  readonly findByCertificate: (certificateId: string) => Promise<string | undefined>;
};

export type Decomposition = {
  readonly sentences: readonly AccountedSentence[];
  readonly claims: readonly (Span & { readonly text: string })[];
};
export type Decomposer = (response: string) => Result<Decomposition>;

/** Bonded validators, from staking. */
export type ValidatorDirectory = { readonly listBonded: () => Promise<Result<readonly Candidate[]>> };

export type AuditProof = {
  readonly entry: Uint8Array;
  readonly inclusion:
    { readonly index: bigint; readonly treeSize: bigint; readonly path: Uint8Array[] } | undefined;
  readonly checkpoint: string;
};

/** Settlement's audit log. */
export type AuditLog = {
  /** The entry of this subject under the newest checkpoint; undefined when it is not there within `waitMs`. */
  readonly findFixed: (subject: string, waitMs: number) => Promise<FixedProof | undefined>;
  /** Waits, within the deadline, until the certificate's entry is in the log. */
  readonly getCertificateProof: (certificateId: string) => Promise<Result<AuditProof>>;
};

/** Hears of changes from the moment it was made, until it is closed. */
export type Ear = {
  /** Resolves at the first ring since the last wait, after `timeoutMs`, or when the signal aborts. */
  readonly wait: (options: { readonly timeoutMs: number; readonly signal: AbortSignal }) => Promise<void>;
  readonly close: () => void;
};

export type Bell = {
  readonly ring: (verificationId: string) => void;
  /** For this verification; absent: for any. */
  readonly listen: (verificationId?: string) => Ear;
};

export type Clock = { readonly now: () => UnixMs };
