/** A verification of two claims by three validators, and what each of them does. */
import { encodePae, PAYLOAD_TYPE } from "@mira/certificate";
import { drawSubject, digestTerms, DRAW_FIXED, type Candidate } from "@mira/committee";
import {
  encodeAuditEntry,
  encodeHex,
  computeCommitment,
  createKeyPair,
  encodeAttestation,
  encodeCommitments,
  encodeEvidence,
  encodeUtf8,
  fold,
  invariant,
  parseBaseUnits,
  parseUnixMs,
  sha256,
  type Attestation,
  type KeyPair,
  type Verdict,
} from "@mira/primitives";
import { decide, type VerificationCommand } from "./decide.ts";
import type { CertifyCommand, ProposeCommand } from "./decide-certify.ts";
import type { OpenCommand } from "./decide-draw.ts";
import type { PolicyTerms } from "./policy.ts";
import { getRound } from "./rounds.ts";
import {
  evolve,
  initialState,
  type FixedProof,
  type RevealedAttestation,
  type VerificationOpened,
  type VerificationState,
} from "./verification.ts";

export const NETWORK = "mira-test";
export const at = parseUnixMs(1_800_000_000_000);
export const later = (ms: number) => parseUnixMs(at + ms);
const keys = Array.from({ length: 9 }, (_, index) => createKeyPair(new Uint8Array(32).fill(index + 1)));

/** `val0`, `val1`, ...: each with an operator and a family of its own. */
export const candidates: readonly Candidate[] = keys.map((key, index) => ({
  validatorId: `val${index}`,
  publicKey: key.publicKey,
  operator: `op${index}`,
  family: `fam${index}`,
  stake: 100n,
}));
export const claims = [
  { claimId: "c1", text: "2 + 2 = 4", start: 0, end: 9, pieces: [{ start: 0, end: 9 }] },
  { claimId: "c2", text: "2 + 2 = 5", start: 11, end: 20, pieces: [{ start: 11, end: 20 }] },
];
export const terms: PolicyTerms = {
  policy: "standard@1",
  domain: "general",
  valueAtStake: parseBaseUnits(0n),
  committeeSize: 3,
  confidenceMin: 0.5,
  operatorSeatsMax: 1,
  familyShareBps: 5_000,
  wideningsMax: 0,
  commitMs: 1_000,
  revealMs: 1_000,
  carelessSlashBps: 10,
  isPrivate: false,
  priceUnits: parseBaseUnits(1n),
};
const FACT = { kind: "claim", category: "fact", reason: "" } as const;
export const opened: VerificationOpened = {
  type: "VerificationOpened",
  verificationId: "v1",
  requestId: "r1",
  response: "2 + 2 = 4. 2 + 2 = 5.",
  sources: [],
  sentences: [
    { start: 0, end: 10, ...FACT, structure: { kind: "claim", claim: 0 } },
    { start: 11, end: 21, ...FACT, structure: { kind: "claim", claim: 1 } },
  ],
  claims,
  decomposer: { id: "rules@1" },
  terms,
  at,
};
export const open: OpenCommand = {
  type: "open",
  opened,
  draw: { networkId: NETWORK, candidates: candidates.slice(0, 3), nonce: new Uint8Array(32).fill(5), at },
};

/** The log's proof that the draw at work was fixed, as if its entry were the newest. */
export function fix(state: VerificationState, change: Partial<FixedProof> = {}): FixedProof {
  invariant(state.status !== "none", "a verification that was opened");
  const { terms: fixed } = getRound(state);
  invariant(fixed !== undefined, "a draw that was fixed");
  const entry = encodeAuditEntry({
    networkId: NETWORK,
    kind: DRAW_FIXED.kind,
    subject: drawSubject(fixed.verificationId, fixed.round, fixed.attempt),
    at,
    fields: [[DRAW_FIXED.field, encodeHex(digestTerms(fixed))]],
  });
  return { entry, index: 7, treeSize: 8, path: [], checkpoint: "a signed note", ...change };
}

/** Draws the committee at work; the time to commit begins at `when`. */
export const draw = (state: VerificationState, when = at): VerificationCommand => ({
  type: "draw",
  fixed: fix(state),
  at: when,
});

export function reveal(
  index: number,
  verdicts: readonly Verdict[],
  change: Partial<Attestation> = {},
  key: KeyPair | undefined = keys[index],
): RevealedAttestation[] {
  return claims.map((claim, at) => {
    const verdict = verdicts[at] ?? "unresolved";
    const evidence = [{ checker: "arithmetic", verdict, witness: claim.text }];
    const attestation = encodeAttestation({
      networkId: NETWORK,
      verificationId: "v1",
      claimId: claim.claimId,
      claimHash: sha256(encodeUtf8(claim.text)),
      validatorId: `val${index}`,
      verdict,
      confidenceBps: 10_000,
      evidenceHash: sha256(encodeEvidence(evidence)),
      ...change,
    });
    return {
      claimId: claim.claimId,
      attestation,
      signature: key?.sign(attestation) ?? new Uint8Array(64),
      salt: new Uint8Array(32).fill(90 + index),
      evidence,
    };
  });
}

export function commit(
  index: number,
  reveals: readonly RevealedAttestation[],
  when = at,
): Extract<VerificationCommand, { type: "commit" }> {
  const commitments = new Map(
    reveals.map(({ claimId, attestation, salt }) => [claimId, computeCommitment(attestation, salt)]),
  );
  const bytes = encodeCommitments(
    NETWORK,
    "v1",
    `val${index}`,
    [...commitments].map(([claimId, commitment]) => ({ claimId, commitment })),
  );
  return {
    type: "commit",
    networkId: NETWORK,
    validatorId: `val${index}`,
    commitments,
    signature: keys[index]?.sign(bytes) ?? new Uint8Array(64),
    at: when,
  };
}

export function show(
  index: number,
  reveals: readonly RevealedAttestation[],
  when = later(10),
): Extract<VerificationCommand, { type: "reveal" }> {
  return { type: "reveal", networkId: NETWORK, validatorId: `val${index}`, reveals, at: when };
}

type Step = VerificationCommand | ((state: VerificationState) => VerificationCommand);

/** The state after all steps; anything refused fails the test. */
export function run(...steps: readonly Step[]): VerificationState {
  return runOn(initialState, ...steps);
}

export function runOn(from: VerificationState, ...steps: readonly Step[]): VerificationState {
  let state = from;
  for (const step of steps) {
    const command = typeof step === "function" ? step(state) : step;
    const decision = decide(command, state);
    invariant(decision.ok, () =>
      decision.ok ? "" : `${command.type}: ${decision.code} ${decision.message}`,
    );
    state = fold(evolve, state, decision.events);
  }
  return state;
}

export const honest: readonly Verdict[] = ["supported", "refuted"];
export const [first = [], second = [], third = []] = keys.map((_, index) => reveal(index, honest));
export const openReveal: VerificationCommand = { type: "openReveal", at: later(5) };
export const statement = encodeUtf8("a statement");
export const propose: ProposeCommand = { type: "propose", statement, signBy: later(1_500), at: later(15) };

export function sign(
  index: number,
  when = later(16),
  signed = statement,
): Extract<VerificationCommand, { type: "sign" }> {
  const message = encodePae(PAYLOAD_TYPE, signed);
  const signature = keys[index]?.sign(message) ?? new Uint8Array(64);
  return { type: "sign", validatorId: `val${index}`, signature, at: when };
}

export const certify: CertifyCommand = {
  type: "certify",
  certificateId: "cert",
  envelope: Uint8Array.of(1),
  withheld: "",
  at: later(20),
};
