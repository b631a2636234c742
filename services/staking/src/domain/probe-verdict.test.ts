/** Convictions on probes: only on what was signed and committed to; never the honest contrarian, always the guesser. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { computeExpectedProbes } from "@mira/drift";
import { computeInclusionPath, computeRoot, hashLeaf } from "@mira/merkle";
import {
  createKeyPair,
  deriveValidatorId,
  encodeAttestation,
  encodeProbe,
  encodeUtf8,
  fold,
  parseBaseUnits,
  parseUnixMs,
  sha256,
  type Attestation,
  type Probe,
  type Verdict,
} from "@mira/primitives";
import { seededRandom } from "@mira/testing";
import { decide, type StakingCommand } from "./decide.ts";
import { verifyProbe, type ProbeAnswer } from "./probe-verdict.ts";
import { evolve, initialState, SPRT_PLAN, type KnownValidator, type ValidatorState } from "./validator.ts";

const at = parseUnixMs(1_800_000_000_000);
const key = createKeyPair(new Uint8Array(32).fill(1));
const validatorId = deriveValidatorId(key.publicKey);
const salt = new Uint8Array(32).fill(4);
const probe: Probe = { probeId: "s.0", claim: "2 + 2 = 4.", truth: "supported", domain: "general", salt };

function answer(
  verdict: Verdict,
  probeId = "s.0",
  change: Partial<Attestation> = {},
  signer = key,
): ProbeAnswer {
  const attestation = encodeAttestation({
    networkId: "mira-test",
    verificationId: "v",
    claimId: "c1",
    claimHash: sha256(encodeUtf8(probe.claim)),
    validatorId,
    verdict,
    confidenceBps: 10_000,
    evidenceHash: new Uint8Array(32),
    ...change,
  });
  return {
    attestation,
    signature: signer.sign(attestation),
    networkId: "mira-test",
    verificationId: "v",
    claimId: "c1",
    probe: { ...probe, probeId },
  };
}
const judge = (given: ProbeAnswer): StakingCommand => ({
  type: "judgeProbe",
  answer: given,
  slashBps: 5_000n,
  at,
});

function run(from: ValidatorState, ...commands: readonly StakingCommand[]): KnownValidator {
  let state = from;
  for (const command of commands) {
    const decision = decide(command, state);
    assert.ok(decision.ok, decision.ok ? "" : decision.code);
    state = fold(evolve, state, decision.events);
  }
  assert.ok(state.status === "known");
  return state;
}
const bonded = run(initialState, {
  type: "bond",
  validatorId,
  validatorKey: key.publicKey,
  operator: new Uint8Array(32),
  signer: new Uint8Array(32),
  family: "f",
  amount: parseBaseUnits(1_000n),
  transferId: "t",
  minimum: parseBaseUnits(1n),
  at,
});

test("a liar on every probe is convicted, barred, and pays half; one failure convicts nobody", () => {
  const once = run(bonded, judge(answer("refuted")));
  assert.equal(once.tombstoned, false);
  assert.equal(once.bonded, 1_000n);
  let state = bonded;
  let probes = 0;
  for (; !state.tombstoned; probes++) state = run(state, judge(answer("refuted", `s.${probes}`)));
  assert.equal(state.bonded, 500n);
  assert.equal(state.sprt.verdict, "convicted");
  assert.ok(probes >= 8 && probes <= 20, `convicted after ${probes}`);
  const after = decide(judge(answer("refuted", "s.999")), state);
  assert.ok(after.ok && after.events.length === 0, "once is enough");
});

test("an answer counts once, and an abstention not at all", () => {
  const once = run(bonded, judge(answer("refuted")));
  assert.deepEqual(run(once, judge(answer("refuted"))), once);
  assert.deepEqual(run(bonded, judge(answer("unresolved"))), bonded);
});

const invalid: readonly (readonly [string, ProbeAnswer])[] = [
  ["another's signature", answer("refuted", "s.0", {}, createKeyPair(new Uint8Array(32).fill(9)))],
  ["another validator's answer", answer("refuted", "s.0", { validatorId: "other" })],
  ["an answer about another claim's text", answer("refuted", "s.0", { claimHash: new Uint8Array(32) })],
  ["an answer in another verification", answer("refuted", "s.0", { verificationId: "w" })],
  ["another network's answer", answer("refuted", "s.0", { networkId: "mira-main" })],
  ["bytes that are no attestation", { ...answer("refuted"), attestation: Uint8Array.of(1) }],
];
for (const [name, given] of invalid)
  test(`no probe is judged by ${name}`, () => {
    const decision = decide(judge(given), bonded);
    assert.equal(decision.ok ? "accepted" : decision.code, "EVIDENCE_INVALID");
  });

test("a probe counts only with the truth it was committed with", () => {
  const probes = [0, 1, 2].map((index) => ({ ...probe, probeId: `s.${index}` }));
  const leaves = probes.map((one) => hashLeaf(encodeProbe(one)));
  const root = computeRoot(leaves);
  const committed = { index: 1, treeSize: 3, path: computeInclusionPath(leaves, 1) };
  const [, shown = probe] = probes;
  assert.ok(verifyProbe({ ...committed, probe: shown }, root));
  const changes: readonly Partial<Probe>[] = [
    { truth: "refuted" },
    { claim: "2 + 2 = 5." },
    { salt: new Uint8Array(32) },
    { probeId: "s.2" },
    { domain: "legal" },
  ];
  for (const change of changes)
    assert.ok(!verifyProbe({ ...committed, probe: { ...shown, ...change } }, root));
  assert.ok(!verifyProbe({ ...committed, probe: shown, index: 0 }, root));
});

/** Probes until a conviction; Infinity when there was none in so many. */
function simulate(accuracy: number, seed: number, probesMax: number): number {
  const random = seededRandom(seed);
  let state = bonded.sprt;
  for (let probes = 1; probes <= probesMax; probes++) {
    const isCorrect = random.next() < accuracy;
    const event = {
      type: "ProbeJudged",
      validatorId,
      probeId: `s.${probes}`,
      verificationId: "v",
      isCorrect,
      attestation: salt,
      signature: salt,
      at,
    } as const;
    const next = evolve({ ...bonded, sprt: state }, event);
    assert.ok(next.status === "known");
    state = next.sprt;
    if (state.verdict === "convicted") return probes;
  }
  return Infinity;
}

test("of 1,000 honest validators of accuracy .8, however contrarian, none is convicted in 500 probes; a guesser is, soon", () => {
  for (let seed = 0; seed < 1_000; seed++)
    assert.equal(simulate(SPRT_PLAN.honestAccuracy, seed, 500), Infinity, `seed ${seed}`);
  const guessers = Array.from({ length: 200 }, (_, seed) => simulate(0.5, 10_000 + seed, 2_000));
  const mean = guessers.reduce((sum, probes) => sum + probes, 0) / guessers.length;
  const { toConvict } = computeExpectedProbes(SPRT_PLAN);
  assert.ok(mean < 2 * toConvict, `mean ${mean}, Wald ${toConvict}`);
});
