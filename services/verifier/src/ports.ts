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

/** Settlement's audit log. */
export type AuditLog = {
  /** The entry of this subject under the newest checkpoint; undefined when it is not there within `waitMs`. */
  readonly findFixed: (subject: string, waitMs: number) => Promise<FixedProof | undefined>;
  /** A tlog-proof of the certificate's envelope. Waits, within the deadline, until the log holds it. */
  readonly getCertificateProof: (certificateId: string) => Promise<Result<string>>;
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
