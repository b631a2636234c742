/** Staking: every "no" has a row; no slash exceeds what is there, no fault is punished twice, no stake leaves early. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createKeyPair,
  deriveValidatorId,
  encodeAttestation,
  fold,
  parseBaseUnits,
  parseUnixMs,
  type Attestation,
  type KeyPair,
  type Verdict,
} from "@mira/primitives";
import { decide, type StakingCommand } from "./decide.ts";
import { verifyEquivocation } from "./evidence.ts";
import { evolve, initialState, type SignedBytes, type ValidatorState } from "./validator.ts";

const validator = createKeyPair(new Uint8Array(32).fill(1));
const validatorId = deriveValidatorId(validator.publicKey);
const operator = createKeyPair(new Uint8Array(32).fill(2)).publicKey;
const stranger = createKeyPair(new Uint8Array(32).fill(3)).publicKey;
const context = { networkId: "mira-test", validatorId, publicKey: validator.publicKey };
const at = parseUnixMs(1_800_000_000_000);

function attest(verdict: Verdict, change: Partial<Attestation> = {}, key: KeyPair = validator): SignedBytes {
  const attestation = encodeAttestation({
    networkId: "mira-test",
    verificationId: "v1",
    claimId: "c1",
    claimHash: new Uint8Array(32),
    validatorId,
    verdict,
    confidenceBps: 9_000,
    evidenceHash: new Uint8Array(32),
    ...change,
  });
  return { attestation, signature: key.sign(attestation) };
}

const bond: Extract<StakingCommand, { type: "bond" }> = {
  type: "bond",
  validatorId,
  validatorKey: validator.publicKey,
  operator,
  signer: operator,
  family: "built-in",
  amount: parseBaseUnits(1_000n),
  transferId: "t1",
  minimum: parseBaseUnits(100n),
  at,
};
const unbond: StakingCommand = {
  type: "unbond",
  signer: operator,
  amount: parseBaseUnits(400n),
  unbondingMs: 1_000,
  at,
};

function equivocation(claimId = "c1"): StakingCommand {
  const proof = verifyEquivocation(attest("supported", { claimId }), attest("refuted", { claimId }), context);
  assert.ok(proof.ok);
  return { type: "acceptEvidence", equivocation: proof.value, reporter: stranger, slashBps: 5_000n, at };
}

function run(...commands: readonly StakingCommand[]): ValidatorState {
  let state: ValidatorState = initialState;
  for (const command of commands) {
    const decision = decide(command, state);
    assert.ok(decision.ok, decision.ok ? "" : `${command.type}: ${decision.code}`);
    state = fold(evolve, state, decision.events);
  }
  return state;
}

const bonded = run(bond);
const slashed = run(bond, equivocation());
const refusals: readonly (readonly [string, ValidatorState, StakingCommand, string])[] = [
  [
    "a bond signed by another than the account it debits",
    initialState,
    { ...bond, signer: stranger },
    "INTENT_SIGNATURE_INVALID",
  ],
  ["a bond below the minimum", initialState, { ...bond, amount: parseBaseUnits(99n) }, "BOND_TOO_SMALL"],
  [
    "a bond to another operator's validator",
    bonded,
    { ...bond, transferId: "t2", operator: stranger, signer: stranger },
    "TRANSFER_FORBIDDEN",
  ],
  ["a change of family", bonded, { ...bond, transferId: "t2", family: "other" }, "REQUEST_INVALID"],
  ["a bond after the tombstone", slashed, { ...bond, transferId: "t2" }, "VALIDATOR_TOMBSTONED"],
  ["releasing what was never bonded", initialState, unbond, "VALIDATOR_NOT_FOUND"],
  [
    "releasing by another than the operator",
    bonded,
    { ...unbond, signer: stranger },
    "INTENT_SIGNATURE_INVALID",
  ],
  [
    "releasing more than is bonded",
    bonded,
    { ...unbond, amount: parseBaseUnits(1_001n) },
    "BALANCE_INSUFFICIENT",
  ],
  ["a second release while one is under way", run(bond, unbond), unbond, "CONCURRENT_CHANGE"],
  ["releasing after the tombstone", slashed, unbond, "VALIDATOR_TOMBSTONED"],
  [
    "completing a release a millisecond early",
    run(bond, unbond),
    { type: "completeUnbonding", transferId: "t9", at: parseUnixMs(at + 999) },
    "VALIDATOR_NOT_BONDED",
  ],
  ["the same fault twice (filecoin #511)", slashed, equivocation(), "EVIDENCE_DUPLICATE"],
  ["another fault after the tombstone", slashed, equivocation("c2"), "VALIDATOR_TOMBSTONED"],
];
for (const [name, state, command, code] of refusals)
  test(`refused: ${name}`, () => {
    const decision = decide(command, state);
    assert.equal(decision.ok ? "accepted" : decision.code, code);
  });

const invalid: readonly (readonly [string, SignedBytes, SignedBytes])[] = [
  ["two attestations that agree", attest("supported"), attest("supported", { confidenceBps: 1 })],
  ["different claims", attest("supported"), attest("refuted", { claimId: "c2" })],
  ["different verifications", attest("supported"), attest("refuted", { verificationId: "v2" })],
  ["another network's attestation", attest("supported"), attest("refuted", { networkId: "mira-main" })],
  ["another validator's attestation", attest("supported"), attest("refuted", { validatorId: "someone" })],
  ["a forged signature", attest("supported"), attest("refuted", {}, createKeyPair())],
  ["malformed bytes", attest("supported"), { attestation: Uint8Array.of(1), signature: new Uint8Array(64) }],
];
for (const [name, first, second] of invalid)
  test(`no proof of equivocation: ${name}`, () => {
    const proof = verifyEquivocation(first, second, context);
    assert.equal(proof.ok ? "accepted" : proof.code, "EVIDENCE_INVALID");
  });

test("a proof has one id in either order", () => {
  const one = verifyEquivocation(attest("supported"), attest("refuted"), context);
  const other = verifyEquivocation(attest("unresolved"), attest("supported", { confidenceBps: 3 }), context);
  assert.ok(one.ok && other.ok);
  assert.equal(one.value.evidenceId, other.value.evidenceId);
});

test("stake that is leaving stays slashable, and a slash rounds against the actor", () => {
  const state = run(
    { ...bond, amount: parseBaseUnits(1_001n) },
    { ...unbond, amount: parseBaseUnits(1_001n) },
    equivocation(),
  );
  assert.ok(state.status === "known" && state.tombstoned);
  assert.equal(state.bonded, 0n);
  assert.equal(state.unbonding, 500n);
  assert.deepEqual([...state.openSlashes.values()], [501n]);
});

test("a bond intent counts once however often it is sent", () => {
  assert.deepEqual(run(bond, bond), bonded);
});

test("whatever the order of bonds, releases and evidence, stake is never negative and nothing appears", () => {
  const step = fc.record({
    kind: fc.constantFrom("bond", "unbond", "complete", "evidence"),
    amount: fc.bigInt({ min: 1n, max: 2_000n }),
    claim: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let state: ValidatorState = initialState;
      let [paidIn, paidOut, slashedUnits] = [0n, 0n, 0n];
      for (const [index, { kind, amount, claim }] of steps.entries()) {
        const now = parseUnixMs(at + index * 400);
        const command: StakingCommand =
          kind === "bond"
            ? { ...bond, amount: parseBaseUnits(amount), transferId: `t${index}`, at: now }
            : kind === "unbond"
              ? {
                  type: "unbond",
                  signer: operator,
                  amount: parseBaseUnits(amount),
                  unbondingMs: 1_000,
                  at: now,
                }
              : kind === "complete"
                ? { type: "completeUnbonding", transferId: `t${index}`, at: now }
                : equivocation(`c${claim}`);
        const decision = decide(command, state);
        for (const event of decision.ok ? decision.events : []) {
          state = evolve(state, event);
          if (event.type === "StakeBonded") paidIn += event.amount;
          if (event.type === "StakeUnbonded") paidOut += event.amount;
          if (event.type === "EvidenceAccepted") slashedUnits += event.slash;
        }
        if (state.status === "none") continue;
        assert.ok(state.bonded >= 0n && state.unbonding >= 0n);
        assert.equal(state.bonded + state.unbonding + paidOut + slashedUnits, paidIn);
      }
    }),
  );
});
