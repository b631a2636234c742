/** Verification: every "no" has a row; nobody reveals early, copies, changes their mind or speaks for another. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createKeyPair, encodeUtf8, type Attestation } from "@mira/primitives";
import type { CloseRoundCommand } from "./decide-close.ts";
import { decide, type VerificationCommand } from "./decide.ts";
import { listVerdicts } from "./verdict.ts";
import {
  candidates,
  certify,
  commit,
  draw,
  first,
  honest,
  later,
  open,
  opened,
  openReveal,
  propose,
  reveal,
  run,
  second,
  show,
  sign,
  third,
} from "./verification.fixture.ts";
import { initialState, type RevealedAttestation, type VerificationState } from "./verification.ts";

const closeRound: CloseRoundCommand = { type: "closeRound", at: later(20) };
const committing = run(open, draw);
const revealing = run(open, draw, commit(0, first), commit(1, second), commit(2, third), openReveal);

const foreign = (change: Partial<Attestation>): [VerificationState, VerificationCommand] => {
  const reveals = reveal(0, honest, change);
  return [
    run(open, draw, commit(0, reveals), commit(1, second), commit(2, third), openReveal),
    show(0, reveals),
  ];
};
const forged = reveal(0, honest, {}, createKeyPair());
/** Another's commitments under one's own signature. */
const copied = (index: number, reveals: readonly RevealedAttestation[]) => commit(index, reveals);
const closed = [
  open,
  draw,
  commit(0, first),
  commit(1, second),
  commit(2, third),
  openReveal,
  show(0, first),
  show(1, second),
  show(2, third),
  closeRound,
] as const;
const signed = [...closed, propose, sign(0), sign(1), sign(2)] as const;

const refusals: readonly (readonly [string, VerificationState, VerificationCommand, string])[] = [
  [
    "fewer candidates than seats",
    initialState,
    { ...open, draw: { ...open.draw, candidates: candidates.slice(0, 2) } },
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
    run(open, draw, commit(0, first)),
    commit(0, reveal(0, ["refuted", "refuted"])),
    "CONCURRENT_CHANGE",
  ],
  [
    "opening reveals while some may still commit",
    run(open, draw, commit(0, first)),
    openReveal,
    "REVEAL_NOT_OPEN",
  ],
  ["a reveal before reveals are open", run(open, draw, commit(0, first)), show(0, first), "REVEAL_NOT_OPEN"],
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
    run(open, draw, commit(1, second), { type: "openReveal", at: later(1_000) }),
    show(0, first),
    "NOT_IN_COMMITTEE",
  ],
  ["an incomplete reveal", revealing, show(0, first.slice(1)), "REQUEST_INVALID"],
  [
    "a salt of another length",
    revealing,
    show(
      0,
      first.map((one) => ({ ...one, salt: one.salt.subarray(1) })),
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
    run(open, draw, commit(0, forged), commit(1, second), commit(2, third), openReveal),
    show(0, forged),
    "ATTESTATION_INVALID",
  ],
  [
    "commitments copied from another",
    run(open, draw, commit(1, second)),
    copied(0, second),
    "ATTESTATION_INVALID",
  ],
  [
    "closing a round while some may still reveal",
    run(open, draw, commit(0, first), commit(1, second), commit(2, third), openReveal, show(0, first)),
    closeRound,
    "REVEAL_NOT_OPEN",
  ],
  [
    "certifying while some may still reveal",
    run(open, draw, commit(0, first), commit(1, second), commit(2, third), openReveal, show(0, first)),
    certify,
    "REVEAL_NOT_OPEN",
  ],
  ["certifying before reveals open", committing, certify, "REVEAL_NOT_OPEN"],
  ["certifying before anybody was asked to sign", run(...closed), certify, "REVEAL_NOT_OPEN"],
  ["certifying while some may still sign", run(...closed, propose, sign(0)), certify, "REVEAL_NOT_OPEN"],
  ["signing what is not proposed yet", run(...closed), sign(0), "SIGNING_CLOSED"],
  ["signing from the deadline on", run(...closed, propose), sign(0, propose.signBy), "SIGNING_CLOSED"],
  ["signing after it is certified", run(...signed, certify), sign(0), "SIGNING_CLOSED"],
  [
    "signing another statement",
    run(...closed, propose),
    sign(0, later(16), encodeUtf8("another")),
    "ATTESTATION_INVALID",
  ],
  [
    "signing in another's name",
    run(...closed, propose),
    { ...sign(0), validatorId: "val1" },
    "ATTESTATION_INVALID",
  ],
  ["signing by one who was not drawn", run(...closed, propose), sign(7), "NOT_IN_COMMITTEE"],
  [
    "signing by one who showed nothing",
    run(
      open,
      draw,
      commit(0, first),
      commit(1, second),
      { type: "openReveal", at: later(1_000) },
      show(0, first, later(1_100)),
      show(1, second, later(1_100)),
      { ...closeRound, at: later(1_200) },
      propose,
    ),
    sign(2),
    "NOT_IN_COMMITTEE",
  ],
];
for (const [name, state, command, code] of refusals)
  test(`refused: ${name}`, () => {
    const decision = decide(command, state);
    assert.equal(decision.ok ? "accepted" : decision.code, code);
  });

test("three honest reveals give both verdicts, and the certificate ends it", () => {
  const state = run(
    open,
    draw,
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
    listVerdicts(state).map(({ verdict, attestations }) => [verdict, attestations.length]),
    [
      ["supported", 3],
      ["refuted", 3],
    ],
  );
  const { status } = run(...signed, certify);
  assert.equal(status, "certified");
});

test("a certificate goes out when all who attested have signed, or when their time is over", () => {
  const late = { ...certify, at: propose.signBy };
  for (const steps of [signed, [...closed, propose, sign(1)], [...closed, propose]])
    assert.equal(run(...steps, late).status, "certified");
  const again = decide(sign(0), run(...signed));
  assert.ok(again.ok && again.events.length === 0, "the same signature again changes nothing");
});

test("what the certificate withholds is not told otherwise either", () => {
  const state = run(...closed, propose, { ...certify, withheld: "too few signed", at: propose.signBy });
  assert.ok(state.status === "certified");
  assert.deepEqual(
    listVerdicts(state).map(({ verdict, confidence, reason }) => [verdict, confidence, reason]),
    [
      ["unresolved", 0, "too few signed"],
      ["unresolved", 0, "too few signed"],
    ],
  );
});

test("silence counts against the quorum: one reveal of three decides nothing", () => {
  const state = run(
    open,
    draw,
    commit(0, first),
    { type: "openReveal", at: later(1_000) },
    show(0, first, later(1_100)),
    { ...closeRound, at: later(2_000) },
    { ...propose, at: later(2_000), signBy: later(3_000) },
    sign(0, later(2_100)),
    { ...certify, at: later(2_200) },
  );
  assert.ok(state.status === "certified");
  assert.deepEqual(
    listVerdicts(state).map(({ verdict }) => verdict),
    ["unresolved", "unresolved"],
  );
});

test("sending the same commitment or reveal again changes nothing", () => {
  const again = decide(commit(0, first), run(open, draw, commit(0, first)));
  assert.ok(again.ok && again.events.length === 0);
});
