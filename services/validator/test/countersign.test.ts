/** What a validator signs for others to rely on: what it attested, unchanged, in a statement that follows; and one statement a verification. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import {
  createStatement,
  encodePae,
  encodeStatement,
  PAYLOAD_TYPE,
  withholdVerdicts,
  type Statement,
} from "@mira/certificate";
import {
  createKeyPair,
  decodeAttestation,
  deriveValidatorId,
  encodeBase58,
  encodeHex,
  encodeUtf8,
  parseUnixMs,
  sha256,
  succeed,
  unwrap,
  verifySignature,
  type Result,
  type Verdict,
} from "@mira/primitives";
import { attest, type Identity, type SignedAttestation } from "../src/domain/attest.ts";
import { countersign } from "../src/domain/countersign.ts";
import type { Task, Verifier } from "../src/ports.ts";
import { openJournal } from "../src/store/journal.ts";
import { attend } from "../src/workers/attend.ts";

const NETWORK = "mira-test";
const RESPONSE = "2 + 2 = 4";
const keys = [1, 2, 3].map((byte) => createKeyPair(new Uint8Array(32).fill(byte)));
const identities = keys.map((keyPair): Identity => {
  return { networkId: NETWORK, validatorId: deriveValidatorId(keyPair.publicKey), keyPair };
});
const [own] = identities as [Identity];

function attestAs(identity: Identity, verdict: Verdict, verificationId = "v1"): readonly SignedAttestation[] {
  const claims = [{ claimId: "c1", text: RESPONSE, start: 0, end: RESPONSE.length }];
  const check = () => ({ verdict, evidence: [] });
  const assignment = { verificationId, response: RESPONSE, sources: [], claims };
  return attest(assignment, identity, { check, createSalt: () => new Uint8Array(32) });
}

/** Everyone attests the same, and the statement says so. */
function propose(verdicts: readonly Verdict[], verificationId = "v1", networkId = NETWORK): Statement {
  const attestations = identities.flatMap((identity, at) =>
    attestAs({ ...identity, networkId }, verdicts[at] ?? "supported", verificationId).map((signed) => ({
      ...signed,
      validatorId: identity.validatorId,
      verdict: unwrap(decodeAttestation(signed.attestation)).verdict,
      confidenceBps: 10_000,
      weight: "100",
    })),
  );
  const supported = verdicts.filter((verdict) => verdict === "supported").length;
  return createStatement({
    networkId,
    verificationId,
    response: RESPONSE,
    sources: [],
    issuedAt: parseUnixMs(1_800_000_000_000),
    expiresAt: parseUnixMs(1_900_000_000_000),
    policy: {
      id: "standard@1",
      text: "{}",
      sha256: encodeHex(sha256(encodeUtf8("{}"))),
      operatorsMin: 2,
      confidenceMin: 0,
    },
    draws: [],
    committee: identities.map(({ validatorId }, at) => ({
      validatorId,
      operator: encodeBase58(sha256(Uint8Array.of(at))),
      family: "built-in",
      stakeUnits: "100",
    })),
    decomposer: { id: "rules@1" },
    sentences: [
      {
        ...{ start: 0, end: RESPONSE.length, kind: "claim", category: "fact", reason: "" },
        structure: { kind: "claim", claim: 0 },
      },
    ],
    claims: [
      {
        claimId: "c1",
        text: RESPONSE,
        start: 0,
        end: RESPONSE.length,
        pieces: [{ start: 0, end: RESPONSE.length }],
        verdict: "supported",
        method: "stake-weighted@1",
        confidence: Math.floor((supported * 10_000) / 3) / 10_000,
        reason: "",
        attestations,
      },
    ],
  });
}

const honest = propose(["supported", "supported", "supported"]);
const mine = attestAs(own, "supported");

function signs(statement: Statement, attestations = mine, identity = own): string {
  const signed = countersign(encodeStatement(statement), "v1", identity, attestations);
  return signed.ok ? "signs" : signed.message;
}

test("a validator signs a statement that shows what it attested, over DSSE's encoding", () => {
  const bytes = encodeStatement(honest);
  const signature = unwrap(countersign(bytes, "v1", own, mine));
  assert.ok(verifySignature(own.keyPair.publicKey, encodePae(PAYLOAD_TYPE, bytes), signature));
  assert.ok(!verifySignature(own.keyPair.publicKey, bytes, signature));
});

test("it signs a verdict against its own attestation, when the others' outweigh it", () => {
  const outvoted = propose(["refuted", "supported", "supported"]);
  assert.equal(signs(outvoted, attestAs(own, "refuted")), "signs");
});

const leftOut = structuredClone(withholdVerdicts(honest, "nothing is decided"));
Object.assign(leftOut.predicate.claims[0] ?? {}, {
  attestations: honest.predicate.claims[0]?.attestations.slice(1),
});
const stronger = structuredClone(honest);
Object.assign(stronger.predicate.claims[0] ?? {}, { verdict: "refuted" });

const REFUSED: readonly (readonly [name: string, said: string, message: RegExp])[] = [
  ["another verification", signs(propose(["supported"], "v2")), /about another verification/],
  ["another network", signs(propose(["supported"], "v1", "mira-other")), /another network's/],
  ["its attestation left out", signs(leftOut), /missing in the statement/],
  ["another attestation than the one written down", signs(honest, attestAs(own, "refuted")), /missing/],
  ["a verdict that does not follow", signs(stronger), /does not follow/],
];
for (const [name, said, message] of REFUSED)
  test(`a validator does not sign a statement with ${name}`, () => assert.match(said, message));

test("bytes that are no statement are refused, never signed", () => {
  for (const bytes of [new Uint8Array(), encodeUtf8("{}"), encodeUtf8("mira:attestation:v1")])
    assert.equal(countersign(bytes, "v1", own, []).ok, false);
});

/** Runs these tasks against a verifier that takes everything; what was signed, and what was said of it. */
async function runTasks(file: string, tasks: readonly Task[]) {
  const journal = await openJournal(file);
  if (journal.find("v1") === undefined) await journal.record("v1", mine);
  const signatures: Uint8Array[] = [];
  const accept = (): Promise<Result<unknown>> => Promise.resolve(succeed({}));
  const verifier: Verifier = {
    async *watchTasks() {
      await Promise.resolve();
      yield* tasks;
    },
    commit: accept,
    reveal: accept,
    sign: (_id, signature) => {
      signatures.push(signature);
      return accept();
    },
  };
  const outcomes: string[] = [];
  await attend(
    {
      identity: own,
      verifier,
      journal,
      check: () => ({ verdict: "supported", evidence: [] }),
      onDone: (kind) => outcomes.push(kind),
      onFailed: (kind, _id, reason) => outcomes.push(`${kind} failed: ${String(reason)}`),
    },
    new AbortController().signal,
  );
  await journal.close();
  return { outcomes, signatures };
}

test("of two statements of one verification a validator signs one, also after a restart; the same one again it signs again", async (context) => {
  const folder = await mkdtemp(path.join(tmpdir(), "mira-countersign-"));
  context.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, "journal");
  const task = (statement: Statement): Task => {
    return { kind: "sign", verificationId: "v1", statement: encodeStatement(statement) };
  };
  const other = withholdVerdicts(honest, "nothing is decided");
  const before = await runTasks(file, [task(honest), task(other), task(honest)]);
  assert.match(before.outcomes[1] ?? "", /another statement of this verification was signed before/);
  assert.deepEqual([before.outcomes[0], before.outcomes[2], before.signatures.length], ["sign", "sign", 2]);
  const after = await runTasks(file, [task(other), task(honest)]);
  assert.match(after.outcomes[0] ?? "", /signed before/);
  assert.deepEqual(after.signatures, before.signatures.slice(0, 1));
});

test("a validator without a journal entry signs nothing", async (context) => {
  const folder = await mkdtemp(path.join(tmpdir(), "mira-countersign-"));
  context.after(() => rm(folder, { recursive: true }));
  const statement = encodeStatement(propose(["supported"], "v9"));
  const { outcomes, signatures } = await runTasks(path.join(folder, "journal"), [
    { kind: "sign", verificationId: "v9", statement },
  ]);
  assert.match(outcomes[0] ?? "", /nothing is written down/);
  assert.deepEqual(signatures, []);
});
