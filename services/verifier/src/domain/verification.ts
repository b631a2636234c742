/** One verification: what was asked, who was drawn, what they committed and revealed, what came of it; and how its events fold. */
import type { ClaimPiece, Structure } from "@mira/claims";
import type { Candidate, DrawTerms } from "@mira/committee";
import {
  unreachable,
  type AttestationEvidence,
  type ProbeTruth,
  type UnixMs,
  type Verdict,
} from "@mira/primitives";
import type { PolicyTerms } from "./policy.ts";

export type Span = { readonly start: number; readonly end: number };
export type AccountedSentence = Span & {
  readonly kind: "claim" | "not-checkable" | "ambiguous";
  /** What its words are for, such as `fact` or `opinion`. */
  readonly category: string;
  readonly reason: string;
  /** How it follows from its claims, by their index; undefined where it is not checkable. */
  readonly structure: Structure | undefined;
};
export type VerifiedClaim = Span & {
  readonly claimId: string;
  /** The pieces, one after the other. */
  readonly text: string;
  readonly pieces: readonly ClaimPiece[];
};
/** What took the response apart; `id` is `rules@1` or `model@1`. */
export type DecomposedBy = { readonly id: string; readonly model?: string; readonly note?: string };
export type Source = { readonly sourceId: string; readonly title: string; readonly text: string };
export type CommitteeMember = Candidate & {
  /** Claims the member was drawn for. */
  readonly claimIds: readonly string[];
};

export type RevealedAttestation = {
  readonly claimId: string;
  /** Canonical bytes, see encodeAttestation. */
  readonly attestation: Uint8Array;
  readonly signature: Uint8Array;
  readonly salt: Uint8Array;
  readonly evidence: readonly AttestationEvidence[];
};

/** Claim id -> 32-byte commitment. */
export type Commitments = ReadonlyMap<string, Uint8Array>;

export type VerificationOpened = {
  readonly type: "VerificationOpened";
  readonly verificationId: string;
  readonly requestId: string;
  readonly response: string;
  readonly sources: readonly Source[];
  readonly sentences: readonly AccountedSentence[];
  readonly claims: readonly VerifiedClaim[];
  readonly decomposer: DecomposedBy;
  readonly terms: PolicyTerms;
  readonly at: UnixMs;
  /** Claims whose truth is known. Nobody who is drawn is told. */
  readonly probes?: readonly ProbeUse[];
  /** Of events of version 1, which had the committee in them. */
  readonly drawn?: DrawnCommittee;
};

export type ProbeUse = {
  readonly claimId: string;
  readonly setId: string;
  readonly probeId: string;
  readonly truth: ProbeTruth;
};

export type DrawnCommittee = {
  readonly committee: readonly CommitteeMember[];
  readonly commitBy: UnixMs;
  readonly revealBy: UnixMs;
};

/** What proves that the terms of a draw were in the audit log when its checkpoint was signed. */
export type FixedProof = {
  readonly entry: Uint8Array;
  readonly index: number;
  readonly treeSize: number;
  readonly path: readonly Uint8Array[];
  /** The signed note that the seed comes from. */
  readonly checkpoint: string;
};

export type ReachedVerdict = {
  readonly claimId: string;
  readonly verdict: Verdict;
  /** 0..1 */
  readonly confidence: number;
  readonly reason: string;
  /** Which aggregation, e.g. `stake-weighted@1`. */
  readonly method: string;
  /** Empty: the confidence is not calibrated. */
  readonly calibrationId: string;
  /** 0..1: what probes say the verdict is worth. 0 without a calibration. */
  readonly calibrated: number;
  readonly weights: readonly { readonly validatorId: string; readonly weight: number }[];
  readonly round: number;
};

export type CarelessFault = {
  readonly validatorId: string;
  readonly kind: "commit-missing" | "reveal-missing";
  readonly slashBps: number;
};

export type ProbeScore = { readonly validatorId: string; readonly passed: number; readonly failed: number };

export type AttestationScore = {
  readonly validatorId: string;
  readonly agreed: number;
  readonly disagreed: number;
  readonly abstained: number;
};

type Told<Type extends string, Fields> = {
  readonly type: Type;
  readonly verificationId: string;
  readonly at: UnixMs;
} & Readonly<Fields>;

export type VerificationEvent =
  | VerificationOpened
  | Told<
      "DrawPrepared",
      { terms: DrawTerms; candidates: readonly Candidate[]; nonce: Uint8Array; claimIds: readonly string[] }
    >
  | Told<"DrawFixed", { round: number; attempt: number; termsDigest: Uint8Array }>
  | Told<"CommitteeDrawn", { round: number; fixed: FixedProof } & DrawnCommittee>
  | Told<"DrawAbandoned", { round: number; reason: string }>
  | Told<"AttestationsCommitted", { validatorId: string; commitments: Commitments; signature: Uint8Array }>
  | Told<"RevealOpened", unknown>
  | Told<"AttestationsRevealed", { validatorId: string; reveals: readonly RevealedAttestation[] }>
  | Told<"RoundClosed", { round: number; verdicts: readonly ReachedVerdict[]; undecided: readonly string[] }>
  | Told<"FaultsFound", { round: number; policy: string; faults: readonly CarelessFault[] }>
  | Told<"ProbesScored", { domain: string; scores: readonly ProbeScore[] }>
  | Told<"AttestationsScored", { scores: readonly AttestationScore[] }>
  | Told<"StatementProposed", { statement: Uint8Array; signBy: UnixMs }>
  | Told<"StatementSigned", { validatorId: string; signature: Uint8Array }>
  | Told<"CertificateIssued", { certificateId: string; envelope: Uint8Array; withheld: string }>;

/** One committee, from the terms of its draw on. */
export type Round = {
  readonly terms: DrawTerms | undefined;
  readonly candidates: readonly Candidate[];
  readonly nonce: Uint8Array;
  readonly claimIds: readonly string[];
  readonly fixed: FixedProof | undefined;
  /** Empty until drawn. */
  readonly committee: readonly CommitteeMember[];
  readonly commitBy: UnixMs;
  readonly revealBy: UnixMs;
};

export type OpenedVerification = {
  readonly status:
    "drawing" | "committing" | "revealing" | "widening" | "certifying" | "signing" | "certified";
  readonly opened: VerificationOpened;
  /** The last one is the one at work. */
  readonly rounds: readonly Round[];
  readonly commits: ReadonlyMap<string, Commitments>;
  readonly reveals: ReadonlyMap<string, readonly RevealedAttestation[]>;
  readonly verdicts: ReadonlyMap<string, ReachedVerdict>;
  /** Claims for which a wider committee is to be drawn. */
  readonly undecided: readonly string[];
  /** What is to be certified, once validators are asked to sign it. */
  readonly proposal: { readonly statement: Uint8Array; readonly signBy: UnixMs } | undefined;
  /** By validator id: over the proposal. */
  readonly signatures: ReadonlyMap<string, Uint8Array>;
  readonly certificateId: string | undefined;
  /** The certificate's exact bytes, once issued. */
  readonly envelope: Uint8Array | undefined;
  /** Why the certificate decides nothing although verdicts were reached; empty: it certifies them. */
  readonly withheld: string;
};

export type VerificationState = { readonly status: "none" } | OpenedVerification;

export const initialState: VerificationState = { status: "none" };

export function evolve(state: VerificationState, event: VerificationEvent): VerificationState {
  if (event.type === "VerificationOpened") return evolveOpened(event);
  if (state.status === "none") return state;
  switch (event.type) {
    case "DrawPrepared":
      return evolvePrepared(state, event);
    case "CommitteeDrawn": {
      const { committee, commitBy, revealBy, fixed } = event;
      return {
        ...changeRound(state, { committee, commitBy, revealBy, fixed }),
        status: "committing",
      };
    }
    case "DrawAbandoned":
      return {
        ...state,
        status: "certifying",
        rounds: state.rounds.filter(({ committee }) => committee.length > 0),
      };
    case "AttestationsCommitted":
      return { ...state, commits: new Map(state.commits).set(event.validatorId, event.commitments) };
    case "RevealOpened":
      return { ...state, status: "revealing" };
    case "AttestationsRevealed":
      return { ...state, reveals: new Map(state.reveals).set(event.validatorId, event.reveals) };
    case "RoundClosed":
      return evolveClosed(state, event);
    case "StatementProposed":
      return {
        ...state,
        status: "signing",
        proposal: { statement: event.statement, signBy: event.signBy },
      };
    case "StatementSigned":
      return { ...state, signatures: new Map(state.signatures).set(event.validatorId, event.signature) };
    case "CertificateIssued": {
      const { certificateId, envelope, withheld } = event;
      return { ...state, status: "certified", certificateId, envelope, withheld };
    }
    // Told to others; they change nothing here.
    case "DrawFixed":
    case "FaultsFound":
    case "AttestationsScored":
    case "ProbesScored":
      return state;
    default:
      return unreachable(event);
  }
}

function evolveOpened(opened: VerificationOpened): OpenedVerification {
  const { drawn } = opened;
  const claimIds = opened.claims.map(({ claimId }) => claimId);
  const round = { terms: undefined, candidates: [], nonce: new Uint8Array(), claimIds, fixed: undefined };
  return {
    status: drawn !== undefined ? "committing" : claimIds.length > 0 ? "drawing" : "certifying",
    opened,
    rounds: drawn === undefined ? [] : [{ ...round, ...drawn }],
    commits: new Map(),
    reveals: new Map(),
    verdicts: new Map(),
    undecided: [],
    proposal: undefined,
    signatures: new Map(),
    certificateId: undefined,
    envelope: undefined,
    withheld: "",
  };
}

/** A draw that is fixed again takes the place of the one that was not drawn. */
function evolvePrepared(
  state: OpenedVerification,
  { terms, candidates, nonce, claimIds, at }: Extract<VerificationEvent, { type: "DrawPrepared" }>,
): OpenedVerification {
  const round: Round = {
    terms,
    candidates,
    nonce,
    claimIds,
    fixed: undefined,
    committee: [],
    commitBy: at,
    revealBy: at,
  };
  return { ...state, status: "drawing", rounds: [...state.rounds.slice(0, terms.round), round] };
}

function evolveClosed(
  state: OpenedVerification,
  { verdicts, undecided }: Extract<VerificationEvent, { type: "RoundClosed" }>,
): OpenedVerification {
  const reached = new Map(state.verdicts);
  for (const verdict of verdicts) reached.set(verdict.claimId, verdict);
  return {
    ...state,
    status: undecided.length > 0 ? "widening" : "certifying",
    verdicts: reached,
    undecided,
  };
}

function changeRound(state: OpenedVerification, change: Partial<Round>): OpenedVerification {
  const last = state.rounds.length - 1;
  return {
    ...state,
    rounds: state.rounds.map((round, at) => (at === last ? { ...round, ...change } : round)),
  };
}
