/** What the api and the workers need of others. */
import type { Candidate } from "@mira/committee";
import type { Decision, Result, UnixMs } from "@mira/primitives";
import type { ProbeSetEvent, ProbeSetState } from "./domain/probe-set.ts";
import type { GoldAnswer } from "./domain/weigh-by-probes.ts";
import type {
  AccountedSentence,
  DecomposedBy,
  FixedProof,
  VerificationEvent,
  VerificationState,
  VerifiedClaim,
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

/** What is chosen from, never told: a probe's truth stays in its set's stream. */
export type ChosenProbe = { readonly probeId: string; readonly setId: string; readonly claim: string };
export type ProbeSetSummary = {
  readonly setId: string;
  readonly root: Uint8Array;
  readonly probes: number;
  readonly active: number;
  readonly opened: number;
  readonly atMs: bigint;
};

export type ProbeList = {
  /** Of this domain, those used least first. */
  readonly choose: (domain: string, limit: number) => Promise<readonly ChosenProbe[]>;
  /** In any state: a claim is a probe once. */
  readonly findByClaims: (claims: readonly string[]) => Promise<readonly ChosenProbe[]>;
  readonly listRetired: (limit: number) => Promise<readonly ChosenProbe[]>;
  readonly listSets: (limit: number) => Promise<readonly ProbeSetSummary[]>;
};

export type GoldList = {
  /** The newest answers of these validators in this domain, bounded. */
  readonly read: (validatorIds: readonly string[], domain: string) => Promise<readonly GoldAnswer[]>;
};

export type ProbeStreams = {
  readonly load: (setId: string) => Promise<{ readonly state: ProbeSetState }>;
  readonly handle: (
    setId: string,
    decide: (state: ProbeSetState) => Decision<ProbeSetEvent>,
  ) => Promise<Result<{ readonly state: ProbeSetState; readonly events: readonly ProbeSetEvent[] }>>;
};

export type Decomposition = {
  readonly sentences: readonly AccountedSentence[];
  readonly claims: readonly Omit<VerifiedClaim, "claimId">[];
  readonly decomposer: DecomposedBy;
};
/** Rejects only when the signal aborts. */
export type Decomposer = (response: string, signal: AbortSignal) => Promise<Result<Decomposition>>;

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
