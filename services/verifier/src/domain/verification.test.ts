/** Verification: every "no" has a row; nobody reveals early, copies, changes their mind or speaks for another. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  computeCommitment,
  createKeyPair,
  encodeAttestation,
  encodeCommitments,
  encodeEvidence,
  encodeUtf8,
  fold,
  parseBaseUnits,
  parseUnixMs,
  sha256,
  type Attestation,
  type KeyPair,
  type Verdict,
} from "@mira/primitives";
import { drawCommittee } from "./committee.ts";
import { decide, type VerificationCommand } from "./decide.ts";
import { computeVerdicts } from "./verdict.ts";
import {
  evolve,
  initialState,
  type CommitteeMember,
  type RevealedAttestation,
  type VerificationOpened,
  type VerificationState,
} from "./verification.ts";

const at = parseUnixMs(1_800_000_000_000);
const later = (ms: number) => parseUnixMs(at + ms);
const keys = [1, 2, 3].map((byte) => createKeyPair(new Uint8Array(32).fill(byte)));
const committee: readonly CommitteeMember[] = keys.map((key, index) => ({
  validatorId: `val${index}`,
  publicKey: key.publicKey,
  stake: parseBaseUnits(100n),
}));
const claims = [
  { claimId: "c1", text: "2 + 2 = 4", start: 0, end: 9 },
  { claimId: "c2", text: "2 + 2 = 5", start: 10, end: 19 },
];
const opened: VerificationOpened = {
  type: "VerificationOpened",
  verificationId: "v1",
  requestId: "r1",
  response: "2 + 2 = 4. 2 + 2 = 5.",
  sources: [],
  sentences: [],
  claims,
  committee,
  commitBy: later(1_000),
  revealBy: later(2_000),
  at,
};
const open: VerificationCommand = { type: "open", opened, committeeSizeMin: 3 };
const salt = new Uint8Array(32).fill(9);

function reveal(
  index: number,
  verdicts: readonly Verdict[],
  change: Partial<Attestation> = {},
  key: KeyPair | undefined = keys[index],
): RevealedAttestation[] {
  return claims.map((claim, at) => {
    const verdict = verdicts[at] ?? "unresolved";
    const evidence = [{ checker: "arithmetic", verdict, witness: claim.text }];
    const attestation = encodeAttestation({
      networkId: "mira-test",
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
      salt,
      evidence,
    };
  });
}

function commit(
  index: number,
  reveals: readonly RevealedAttestation[],
  when = at,
): Extract<VerificationCommand, { type: "commit" }> {
  const commitments = new Map(
    reveals.map(({ claimId, attestation }) => [claimId, computeCommitment(attestation, salt)]),
  );
  const bytes = encodeCommitments(
    "mira-test",
    "v1",
    `val${index}`,
    [...commitments].map(([claimId, commitment]) => ({ claimId, commitment })),
  );
  return {
    type: "commit",
    networkId: "mira-test",
    validatorId: `val${index}`,
    commitments,
    signature: keys[index]?.sign(bytes) ?? new Uint8Array(64),
    at: when,
  };
}

function show(
  index: number,
  reveals: readonly RevealedAttestation[],
  when = later(10),
): Extract<VerificationCommand, { type: "reveal" }> {
  return { type: "reveal", networkId: "mira-test", validatorId: `val${index}`, reveals, at: when };
}

function run(...commands: readonly VerificationCommand[]): VerificationState {
  let state: VerificationState = initialState;
  for (const command of commands) {
    const decision = decide(command, state);
    assert.ok(decision.ok, decision.ok ? "" : `${command.type}: ${decision.code} ${decision.message}`);
    state = fold(evolve, state, decision.events);
  }
  return state;
}

const honest: readonly Verdict[] = ["supported", "refuted"];
const all = keys.map((_, index) => reveal(index, honest));
const [first = [], second = [], third = []] = all;
const openReveal: VerificationCommand = { type: "openReveal", at: later(5) };
const certify: VerificationCommand = {
  type: "certify",
  certificateId: "cert",
  body: Uint8Array.of(1),
  at: later(20),
};
const committing = run(open);
const revealing = run(open, commit(0, first), commit(1, second), commit(2, third), openReveal);

const foreign = (change: Partial<Attestation>): [VerificationState, VerificationCommand] => {
  const reveals = reveal(0, honest, change);
  return [run(open, commit(0, reveals), commit(1, second), commit(2, third), openReveal), show(0, reveals)];
};
const forged = reveal(0, honest, {}, createKeyPair());
const refusals: readonly (readonly [string, VerificationState, VerificationCommand, string])[] = [
  [
    "a committee below the minimum",
    initialState,
    { type: "open", opened, committeeSizeMin: 4 },
    "COMMITTEE_TOO_SMALL",
  ],
  ["an empty response", initialState, { ...open, opened: { ...opened, response: " \n" } }, "RESPONSE_EMPTY"],
  ["opening twice", committing, open, "REQUEST_ID_REUSED"],
  ["committing to nothing known", initialState, commit(0, first), "NOT_FOUND"],
  [
    "a commitment of someone not drawn",
    committing,
    { ...commit(0, first), validatorId: "val9" },
    "NOT_IN_COMMITTEE",
  ],
  ["a commitment at the very end of the time", committing, commit(0, first, later(1_000)), "COMMIT_CLOSED"],
  ["a commitment after reveals have opened", revealing, commit(0, first), "COMMIT_CLOSED"],
  ["commitments to some claims only", committing, commit(0, first.slice(1)), "REQUEST_INVALID"],
  [
    "a commitment signed by another",
    committing,
    { ...commit(0, first), signature: commit(1, second).signature },
    "ATTESTATION_INVALID",
  ],
  [
    "changed commitments",
    run(open, commit(0, first)),
    commit(0, reveal(0, ["refuted", "refuted"])),
    "CONCURRENT_CHANGE",
  ],
  ["opening reveals while some may still commit", run(open, commit(0, first)), openReveal, "REVEAL_NOT_OPEN"],
  ["a reveal before reveals are open", run(open, commit(0, first)), show(0, first), "REVEAL_NOT_OPEN"],
  ["a reveal at the very end of the time", revealing, show(0, first, later(2_000)), "REVEAL_NOT_OPEN"],
  [
    "a reveal of what was not committed",
    revealing,
    show(0, reveal(0, ["refuted", "refuted"])),
    "REVEAL_MISMATCH",
  ],
  ["another's reveal, copied", revealing, show(0, second), "REVEAL_MISMATCH"],
  [
    "a reveal without a commitment",
    run(open, commit(1, second), { type: "openReveal", at: later(1_000) }),
    show(0, first),
    "NOT_IN_COMMITTEE",
  ],
  ["an incomplete reveal", revealing, show(0, first.slice(1)), "REQUEST_INVALID"],
  [
    "a salt of another length",
    revealing,
    show(
      0,
      first.map((one) => ({ ...one, salt: salt.subarray(1) })),
    ),
    "REVEAL_MISMATCH",
  ],
  ["an attestation about another network", ...foreign({ networkId: "mira-main" }), "ATTESTATION_INVALID"],
  ["an attestation about another verification", ...foreign({ verificationId: "v2" }), "ATTESTATION_INVALID"],
  [
    "an attestation about another claim's text",
    ...foreign({ claimHash: new Uint8Array(32) }),
    "ATTESTATION_INVALID",
  ],
  ["an attestation in another's name", ...foreign({ validatorId: "val1" }), "ATTESTATION_INVALID"],
  [
    "evidence other than attested",
    revealing,
    show(
      0,
      first.map((one) => ({ ...one, evidence: [] })),
    ),
    "ATTESTATION_INVALID",
  ],
  [
    "a forged attestation",
    run(open, commit(0, forged), commit(1, second), commit(2, third), openReveal),
    show(0, forged),
    "ATTESTATION_INVALID",
  ],
  [
    "certifying while some may still reveal",
    run(open, commit(0, first), commit(1, second), commit(2, third), openReveal, show(0, first)),
    certify,
    "REVEAL_NOT_OPEN",
  ],
  ["certifying before reveals open", committing, certify, "REVEAL_NOT_OPEN"],
];
for (const [name, state, command, code] of refusals)
  test(`refused: ${name}`, () => {
    const decision = decide(command, state);
    assert.equal(decision.ok ? "accepted" : decision.code, code);
  });

test("three honest reveals give both verdicts, and the certificate ends it", () => {
  const state = run(
    open,
    commit(0, first),
    commit(1, second),
    commit(2, third),
    openReveal,
    show(0, first),
    show(1, second),
    show(2, third),
  );
  assert.ok(state.status !== "none");
  assert.deepEqual(
    computeVerdicts(state).map(({ verdict, attestations }) => [verdict, attestations.length]),
    [
      ["supported", 3],
      ["refuted", 3],
    ],
  );
  assert.equal(
    run(
      open,
      commit(0, first),
      commit(1, second),
      commit(2, third),
      openReveal,
      show(0, first),
      show(1, second),
      show(2, third),
      certify,
    ).status,
    "certified",
  );
});

test("silence counts against the quorum: one reveal of three decides nothing", () => {
  const state = run(
    open,
    commit(0, first),
    { type: "openReveal", at: later(1_000) },
    show(0, first, later(1_100)),
    { ...certify, at: later(2_000) },
  );
  assert.ok(state.status === "certified");
  assert.deepEqual(
    computeVerdicts(state).map(({ verdict }) => verdict),
    ["unresolved", "unresolved"],
  );
});

test("sending the same commitment or reveal again changes nothing", () => {
  const again = decide(commit(0, first), run(open, commit(0, first)));
  assert.ok(again.ok && again.events.length === 0);
});

test("a committee is the same in any order of candidates, has no member twice, and changes with the seed", () => {
  const candidates = Array.from({ length: 20 }, (_, index) => ({
    validatorId: `n${index}`,
    publicKey: new Uint8Array(32),
    stake: parseBaseUnits(BigInt(index + 1)),
  }));
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.shuffledSubarray(candidates, { minLength: 20 }),
      (seed, shuffled) => {
        const names = drawCommittee(candidates, 7, seed).map(({ validatorId }) => validatorId);
        assert.equal(new Set(names).size, 7);
        assert.deepEqual(
          drawCommittee(shuffled, 7, seed).map(({ validatorId }) => validatorId),
          names,
        );
      },
    ),
  );
  const seeds = Array.from({ length: 50 }, (_, index) =>
    drawCommittee(candidates, 3, Uint8Array.of(index))
      .map(({ validatorId }) => validatorId)
      .join(),
  );
  assert.ok(new Set(seeds).size > 40);
});

test("stake weighs: over many seeds a validator with nine tenths of the stake leads most committees of one", () => {
  const candidates = [
    { validatorId: "big", publicKey: new Uint8Array(32), stake: parseBaseUnits(900n) },
    { validatorId: "small", publicKey: new Uint8Array(32), stake: parseBaseUnits(100n) },
    { validatorId: "none", publicKey: new Uint8Array(32), stake: parseBaseUnits(0n) },
  ];
  const leads = Array.from(
    { length: 400 },
    (_, index) => drawCommittee(candidates, 1, Uint8Array.of(index % 256, index >> 8))[0]?.validatorId,
  );
  const big = leads.filter((name) => name === "big").length;
  assert.ok(big > 330 && big < 390, `led ${big} of 400`);
  assert.ok(!leads.includes("none"));
});
