/** Prepares a draw's terms, judges whether it counts, and says who checks what. */
import {
  countSeatsAtMost,
  digestCandidates,
  digestClaims,
  digestTerms,
  verifyDraw,
  type Candidate,
  type DrawTerms,
  type SeatCaps,
} from "@mira/committee";
import { decodeAuditEntry, sha256, type UnixMs } from "@mira/primitives";
import { computeFamilySeats, computeSize } from "./policy.ts";
import { getRound, listCommittee } from "./rounds.ts";
import type {
  CommitteeMember,
  FixedProof,
  OpenedVerification,
  Round,
  VerificationEvent,
  VerificationOpened,
} from "./verification.ts";

/** How often one round's draw may be fixed: each time is seen in the audit log. */
const ATTEMPTS_MAX = 5;

export type DrawInput = {
  readonly networkId: string;
  readonly candidates: readonly Candidate[];
  /** 32 random bytes, told with the draw. */
  readonly nonce: Uint8Array;
  readonly at: UnixMs;
};

/** What is asked of a draw: how many seats, and the caps that count those who sit already. */
export function computeDemand(
  opened: VerificationOpened,
  round: number,
  claimIds: readonly string[],
): SeatCaps & { readonly seats: number } {
  const { terms } = opened;
  const size = computeSize(terms, round);
  const added = size - (round === 0 ? 0 : computeSize(terms, round - 1));
  return {
    seats: added * countShards(opened, claimIds),
    operatorSeatsMax: terms.operatorSeatsMax,
    familySeatsMax: computeFamilySeats(terms, size),
  };
}

/** Two halves when the policy is private and the claims are all there are: nobody sees the whole. One claim cannot be halved. */
function countShards({ terms, claims }: VerificationOpened, claimIds: readonly string[]): number {
  return terms.isPrivate && claims.length >= 2 && claimIds.length === claims.length ? 2 : 1;
}

/** The two events of a draw: what stays with us until it is drawn, and what others are told. */
export function prepareDraw(
  opened: VerificationOpened,
  draw: {
    readonly round: number;
    readonly attempt: number;
    readonly claimIds: readonly string[];
    readonly seated: readonly CommitteeMember[];
  },
  { networkId, candidates, nonce, at }: DrawInput,
): readonly VerificationEvent[] {
  const { verificationId } = opened;
  const { round, attempt, claimIds, seated } = draw;
  const terms: DrawTerms = {
    networkId,
    verificationId,
    round,
    attempt,
    policy: opened.terms.policy,
    ...computeDemand(opened, round, claimIds),
    claimsDigest: digestClaims(opened.claims.filter(({ claimId }) => claimIds.includes(claimId))),
    candidatesDigest: digestCandidates(candidates),
    seated: seated.map(({ validatorId }) => validatorId),
    nonceHash: sha256(nonce),
  };
  return [
    { type: "DrawPrepared", verificationId, terms, candidates, nonce, claimIds, at },
    { type: "DrawFixed", verificationId, round, attempt, termsDigest: digestTerms(terms), at },
  ];
}

/** Whether anyone is left who may be drawn beside those who sit. */
export function isAnyoneLeft(
  verification: OpenedVerification,
  candidates: readonly Candidate[],
  claimIds: readonly string[],
): boolean {
  const demand = computeDemand(verification.opened, verification.rounds.length, claimIds);
  return countSeatsAtMost(candidates, demand) > listCommittee(verification).length;
}

export type Judged =
  | { readonly outcome: "drawn"; readonly committee: readonly CommitteeMember[] }
  | { readonly outcome: "again"; readonly reason: string }
  | { readonly outcome: "abandon"; readonly reason: string };

/** Draws, when the proof counts. A first committee must be whole; a wider one takes whom the caps leave. */
export function judgeDraw(verification: OpenedVerification, fixed: FixedProof): Judged {
  const round = getRound(verification);
  const drawn = draw(verification, round, fixed);
  if (typeof drawn === "string") return giveUp(round, drawn);
  const { terms } = round;
  if (drawn.length === 0 || (terms?.round === 0 && drawn.length < terms.seats))
    return giveUp(round, `the caps left ${drawn.length} seats taken of ${terms?.seats ?? 0}`);
  return { outcome: "drawn", committee: assignClaims(verification.opened, round.claimIds, drawn) };
}

function giveUp({ terms }: Round, reason: string): Judged {
  return { outcome: (terms?.attempt ?? 0) + 1 < ATTEMPTS_MAX ? "again" : "abandon", reason };
}

function draw(
  verification: OpenedVerification,
  { terms, candidates, nonce }: Round,
  { entry: bytes, index, treeSize, checkpoint }: FixedProof,
): readonly Candidate[] | string {
  if (terms === undefined) return "nothing was fixed";
  const entry = decodeAuditEntry(bytes);
  if (!entry.ok) return entry.message;
  const seated = verification.rounds.slice(0, terms.round).flatMap(({ committee }) => committee);
  const drawn = verifyDraw(
    { terms, candidates, seated, nonce, checkpoint },
    { ...entry.value, index, treeSize },
  );
  return drawn.ok ? drawn.value : drawn.message;
}

/** All claims to everyone, or contiguous halves to every second: neighbours stay together, so their context says little of the rest. */
function assignClaims(
  opened: VerificationOpened,
  claimIds: readonly string[],
  drawn: readonly Candidate[],
): readonly CommitteeMember[] {
  const shards = countShards(opened, claimIds);
  const length = Math.ceil(claimIds.length / shards);
  return drawn.map((candidate, at) => {
    const shard = at % shards;
    return { ...candidate, claimIds: claimIds.slice(shard * length, (shard + 1) * length) };
  });
}
