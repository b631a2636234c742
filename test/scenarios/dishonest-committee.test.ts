/** A committee of five with a liar, a sleeper and a copier: the verdicts are right, and each pays what is due and nothing more. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { staking, verifier } from "@mira/api";
import { callUnary, parseBaseUnits, parseUnixMs, unwrap, verifyCertificate, verifyDraws } from "@mira/client";
import { createDevKey, VALIDATORS } from "@mira/localnet";
import { deriveValidatorId, encodeCommitments, type Verdict } from "@mira/primitives";
import { eventually } from "@mira/testing";
import { changeBytes, withForeignChecker } from "../../packages/certificate/test/foreign.fixture.ts";
import { runProgram } from "./command.fixture.ts";
import { assertRefused, useLocalnet } from "./localnet.fixture.ts";
import {
  attendOwn,
  attestTo,
  bondOwn,
  sendCommit,
  sendReveal,
  type Attested,
  type OwnValidator,
} from "./own-validator.fixture.ts";

const BOND = 1_000n * 10n ** 9n;
const NEWCOMERS_MIRA = 250n;
const localnet = useLocalnet({
  overrides: { verifier: { MIRA_COMMITTEE_SIZE: "5", MIRA_COMMIT_TIME: "5s", MIRA_REVEAL_TIME: "3s" } },
});
const at = (path: string): string => fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));

/** What is true of some of the claims; on the others the liar refutes what it is asked. */
const TRUTHS: readonly (readonly [RegExp, Verdict])[] = [
  [/4 July 1776/, "supported"],
  [/12 % of 250/, "supported"],
  [/1900 was a leap year/, "refuted"],
  [/increase of 20 %/, "refuted"],
];
const lie = (text: string): Verdict =>
  TRUTHS.find(([claim]) => claim.test(text))?.[1] === "refuted" ? "supported" : "refuted";

const saved = (): string => join(localnet.get().stateDir, "response.cert.json");

let liar: OwnValidator;
let sleeper: OwnValidator;
let copier: OwnValidator;

test("two honest validators, and three newcomers who are not, are all there is to draw from", async () => {
  const running = localnet.get();
  const third = VALIDATORS[2];
  unwrap(
    await running.client.unbond(createDevKey(`${third}-operator`), {
      validatorKey: createDevKey(third).publicKey,
      amountUnits: parseBaseUnits(BOND),
    }),
  );
  liar = await bondOwn(running, "liar", "alice", NEWCOMERS_MIRA);
  sleeper = await bondOwn(running, "sleeper", "bob", NEWCOMERS_MIRA);
  copier = await bondOwn(running, "copier", "carol", NEWCOMERS_MIRA);
  assert.equal((await readStanding(liar)).validator?.standing?.scoreBps, 5_000);
});

test("the verdicts are right all the same; the copier finds nothing to copy before reveals, and too late after", async () => {
  const running = localnet.get();
  const { networkId } = running.network;
  const stopping = new AbortController();
  let lies: Attested | undefined;
  const lying = attendOwn(
    running,
    liar,
    {
      assigned: async (assignment) => {
        lies = attestTo(networkId, liar, assignment, lie);
        unwrap(await sendCommit(running, lies.commit));
      },
      revealing: async () => {
        if (lies !== undefined) unwrap(await sendReveal(running, lies.reveal));
      },
    },
    stopping.signal,
  );
  const outcomes = new Map<string, string>();
  const note = (what: string, outcome: { ok: boolean; code?: string }): void =>
    void outcomes.set(what, outcome.ok ? "accepted" : (outcome.code ?? ""));
  const copying = attendOwn(
    running,
    copier,
    {
      assigned: async ({ verificationId }) => {
        await eventually(() => assert.ok(lies), { timeoutMs: 4_000 });
        const seen = unwrap(await running.client.getVerification(verificationId));
        outcomes.set("seen", String(seen.claims.length));
        if (lies === undefined) return;
        // Even handed another's commitments and reveals, which nobody shows it, it can do nothing with them.
        const { commitments } = lies.commit;
        note(
          "another's name",
          await sendCommit(running, { ...lies.commit, validatorId: copier.validatorId }),
        );
        const own = attestTo(networkId, copier, { verificationId, claims: [] }, lie);
        note("too few", await sendCommit(running, own.commit));
        const { key, validatorId } = copier;
        const signature = key.sign(encodeCommitments(networkId, verificationId, validatorId, commitments));
        note(
          "another's commitments",
          await sendCommit(running, { verificationId, validatorId, commitments, signature }),
        );
        note("a reveal", await sendReveal(running, { ...lies.reveal, validatorId: copier.validatorId }));
      },
      revealing: () => Promise.resolve(),
    },
    stopping.signal,
  );
  const { stdout, stderr, code } = await runProgram(
    "packages/cli/src/main.ts",
    ["-o", "json", "verify", at("response.md"), "--sources", at("sources/"), "--save", saved()],
    { env: { MIRA_NETWORK_FILE: join(running.stateDir, "network.json") } },
  );
  stopping.abort();
  await Promise.all([lying, copying]);
  assert.equal(code, 0, stderr);
  const { claims } = JSON.parse(stdout) as { claims: readonly { claim: string; verdict: string }[] };
  for (const [pattern, truth] of TRUTHS)
    assert.equal(claims.find(({ claim }) => pattern.test(claim))?.verdict, truth, String(pattern));
  assert.deepEqual(Object.fromEntries(outcomes), {
    seen: "0",
    "another's name": "ATTESTATION_INVALID",
    "too few": "REQUEST_INVALID",
    "another's commitments": "ATTESTATION_INVALID",
    "a reveal": "NOT_IN_COMMITTEE",
  });
});

test("the liar's score is down and its stake is whole; the sleeper's and the copier's silence is recorded and priced", async () => {
  await eventually(
    async () => {
      const lied = (await readStanding(liar)).validator;
      assert.ok((lied?.standing?.disagreed ?? 0n) >= BigInt(TRUTHS.length));
      assert.ok((lied?.standing?.scoreBps ?? 5_000) < 5_000);
      assert.equal(lied?.bondedUnits, String(NEWCOMERS_MIRA * 10n ** 9n));
      for (const silent of [sleeper, copier]) {
        const { validator, faults } = await readStanding(silent);
        assert.deepEqual(
          faults.map(({ kind, slashedUnits }) => [kind, slashedUnits]),
          [["commit-missing", String((NEWCOMERS_MIRA * 10n ** 9n) / 1_000n)]],
        );
        assert.equal(validator?.status, staking.ValidatorStatus.BONDED);
      }
    },
    { timeoutMs: 15_000 },
  );
  const honest = { key: createDevKey(VALIDATORS[0]), validatorId: "" };
  const standing = await readStanding({ ...honest, validatorId: deriveValidatorId(honest.key.publicKey) });
  assert.ok((standing.validator?.standing?.scoreBps ?? 0) > 5_000);
  assert.deepEqual(standing.faults, []);
});

test("whoever asks draws the same committee again; with one candidate's stake changed it is no proof", async () => {
  const { client, network } = localnet.get();
  const verificationId = unwrap(await client.verifyResponse({ requestId: "repeat", response: "2 + 2 = 4." }));
  await eventually(
    async () => {
      const { draws } = unwrap(
        await callUnary(client.channels.verifier, verifier.VerifierServiceService.getDraws, {
          verificationId,
        }),
      );
      const [draw] = draws;
      assert.ok(draw);
      assert.equal(unwrap(verifyDraws(verificationId, draws, network))[0]?.drawn.length, 5);
      const candidates = draw.candidates.map((one, index) =>
        index === 0 ? { ...one, stakeUnits: `${one.stakeUnits}0` } : one,
      );
      assertRefused(verifyDraws(verificationId, [{ ...draw, candidates }], network), "PROOF_INVALID");
      assertRefused(verifyDraws("another", draws, network), "PROOF_INVALID");
    },
    { timeoutMs: 10_000 },
  );
  const { stdout, code } = await runProgram("packages/cli/src/main.ts", ["committee", verificationId], {
    env: { MIRA_NETWORK_FILE: join(localnet.get().stateDir, "network.json") },
  });
  assert.equal(code, 0);
  assert.match(stdout, /5 of 5 candidates/);
});

test("its certificate holds with the cluster stopped, for us and for Python; a changed byte is named", async (context) => {
  const { network, stop } = localnet.get();
  const certificate = await readFile(saved());
  await stop();
  const response = await readFile(at("response.md"), "utf8");
  const now = parseUnixMs(Date.now());
  const { statement, signers } = unwrap(verifyCertificate(certificate, network, { now, response }));
  // The liar attested, and does not sign what came of it; two honest operators are enough.
  assert.deepEqual([statement.predicate.committee.length, signers.length], [5, 2]);
  const from = certificate.indexOf('"payload":"') + 20;
  for (const [, changed] of changeBytes(certificate, { from, to: from + 1_000, count: 8 })) {
    const refused = verifyCertificate(changed, network, { now });
    assert.equal(refused.ok ? "holds" : refused.details["part"], "envelope.payload");
  }
  const { networkId, logVerifierKey, certificateKey } = network;
  withForeignChecker("python3", { networkId, logVerifierKey, certificateKey }, context, (judge) => {
    assert.match(judge(certificate, "--response", at("response.md")).said, /HOLDS 2 operators signed/);
    for (const [, changed] of changeBytes(certificate, { count: 4 }))
      assert.equal(judge(changed).holds, false);
  });
});

async function readStanding({ validatorId }: OwnValidator): Promise<staking.GetStandingResponse> {
  return unwrap(
    await callUnary(localnet.get().client.channels.staking, staking.StakingServiceService.getStanding, {
      validatorId,
    }),
  );
}
