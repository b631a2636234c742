/** A validator between a verifier that refuses, breaks off and asks again, and a journal that is cut off: it never contradicts itself. */
import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  createKeyPair,
  decodeAttestation,
  encodeHex,
  refuse,
  succeed,
  unwrap,
  type Result,
} from "@mira/primitives";
import type {
  Assignment,
  Check,
  Identity,
  SignedAttestation,
  SignedCommitments,
} from "../src/domain/attest.ts";
import { attest } from "../src/domain/attest.ts";
import type { Journal, Task, Verifier } from "../src/ports.ts";
import { openJournal } from "../src/store/journal.ts";
import { attend, type AttendDependencies } from "../src/workers/attend.ts";

const identity: Identity = {
  networkId: "mira-test",
  validatorId: "val",
  keyPair: createKeyPair(new Uint8Array(32).fill(1)),
};
const supports: Check = () => ({ verdict: "supported", evidence: [] });
const refutes: Check = () => ({ verdict: "refuted", evidence: [] });

function assignmentOf(verificationId: string): Assignment {
  const claims = [{ claimId: "c1", text: "2 + 2 = 4", start: 0, end: 9 }];
  return { verificationId, response: "2 + 2 = 4", sources: [], claims };
}

function sign(verificationId: string, check: Check = supports): readonly SignedAttestation[] {
  return attest(assignmentOf(verificationId), identity, {
    check,
    createSalt: () => new Uint8Array(32).fill(5),
  });
}

async function createFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "mira-journal-"));
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** Asks for these tasks in order, answers as told, and writes down what it was sent. */
function createScript(tasks: readonly Task[], answer: () => Result<unknown> | Error = () => succeed({})) {
  const commits: SignedCommitments[] = [];
  const reveals: (readonly SignedAttestation[])[] = [];
  const signatures: Uint8Array[] = [];
  const respond = (): Promise<Result<unknown>> => {
    const outcome = answer();
    return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
  };
  const verifier: Verifier = {
    async *watchTasks() {
      await Promise.resolve();
      yield* tasks;
    },
    commit: (_id, commitments) => {
      commits.push(commitments);
      return respond();
    },
    reveal: (_id, attestations) => {
      reveals.push(attestations);
      return respond();
    },
    sign: (_id, signature) => {
      signatures.push(signature);
      return respond();
    },
  };
  return { verifier, commits, reveals, signatures };
}

async function run(
  journal: Journal,
  verifier: Verifier,
  check: Check = supports,
): Promise<readonly string[]> {
  const outcomes: string[] = [];
  const dependencies: AttendDependencies = {
    identity,
    verifier,
    journal,
    check,
    onDone: (kind) => outcomes.push(kind),
    onFailed: (kind, _id, reason) => outcomes.push(`${kind} failed: ${String(reason)}`),
  };
  await attend(dependencies, new AbortController().signal);
  return outcomes;
}

const commitTask = (verificationId: string): Task => ({
  kind: "commit",
  assignment: assignmentOf(verificationId),
});
const revealTask = (verificationId: string): Task => ({ kind: "reveal", verificationId });

test("what is written down is there after a restart, byte for byte", async (context) => {
  const file = path.join(await createFolder(context), "new/journal");
  const journal = await openJournal(file);
  const attestations = sign("v1");
  await journal.record("v1", attestations);
  await journal.close();
  const reopened = await openJournal(file);
  const plain = (all: readonly SignedAttestation[] = []) =>
    all.map((one) => [
      encodeHex(one.attestation),
      encodeHex(one.signature),
      encodeHex(one.salt),
      one.evidence,
    ]);
  assert.deepEqual(plain(reopened.find("v1")), plain(attestations));
  assert.equal(reopened.find("v2"), undefined);
  await reopened.close();
});

test("a line cut off at any byte is left out, keeps what stands before it, and spoils nothing after it", async (context) => {
  const folder = await createFolder(context);
  const whole = path.join(folder, "whole");
  const journal = await openJournal(whole);
  await journal.record("v1", sign("v1"));
  const before = (await readFile(whole)).length;
  await journal.record("v2", sign("v2"));
  await journal.close();
  const bytes = await readFile(whole);
  // The last byte is the newline: without it the line is whole all the same.
  for (let length = before; length < bytes.length - 1; length += 37) {
    const cut = path.join(folder, `cut-${length}`);
    await writeFile(cut, bytes.subarray(0, length));
    const reopened = await openJournal(cut);
    assert.ok(reopened.find("v1"));
    assert.equal(reopened.find("v2"), undefined, `cut at ${length}`);
    await reopened.record("v3", sign("v3"));
    await reopened.close();
    const again = await openJournal(cut);
    assert.ok(again.find("v1") && again.find("v3"));
    await again.close();
  }
});

test("a second signature for one verification is a bug, not an entry", async (context) => {
  const journal = await openJournal(path.join(await createFolder(context), "journal"));
  await journal.record("v1", sign("v1"));
  await assert.rejects(journal.record("v1", sign("v1", refutes)), /signed before/);
  await journal.close();
});

test("a journal that cannot be read, or whose entry is damaged, starts no validator", async (context) => {
  const folder = await createFolder(context);
  await assert.rejects(openJournal(folder), /EISDIR/);
  const file = path.join(folder, "journal");
  const journal = await openJournal(file);
  await journal.record("v1", sign("v1"));
  await journal.close();
  await writeFile(file, (await readFile(file, "utf8")).replace(/"salt":"0505/, '"salt":"zz05'));
  await assert.rejects(openJournal(file), /damaged/);
  if (process.getuid?.() === 0) return;
  await chmod(file, 0o000);
  await assert.rejects(openJournal(file), /EACCES/);
});

test("an entry of another shape is damage, and starts no validator", async (context) => {
  const folder = await createFolder(context);
  for (const [at, line] of ["{}", "null", "[]", '{"verificationId":"v1"}'].entries()) {
    const file = path.join(folder, `journal-${at}`);
    await writeFile(file, `${line}\n`);
    await assert.rejects(openJournal(file), /damaged/, line);
  }
});

test("asked twice, and after a restart with checkers that think otherwise, it commits to the same", async (context) => {
  const file = path.join(await createFolder(context), "journal");
  const first = await openJournal(file);
  const script = createScript([commitTask("v1"), commitTask("v1")]);
  assert.deepEqual(await run(first, script.verifier), ["commit", "commit"]);
  await first.close();
  const second = await openJournal(file);
  const after = createScript([commitTask("v1"), revealTask("v1")]);
  assert.deepEqual(await run(second, after.verifier, refutes), ["commit", "reveal"]);
  await second.close();
  const all = [...script.commits, ...after.commits].map(({ commitments }) =>
    encodeHex(commitments[0]?.commitment ?? new Uint8Array()),
  );
  assert.equal(new Set(all).size, 1);
  assert.equal(
    unwrap(decodeAttestation(after.reveals[0]?.[0]?.attestation ?? new Uint8Array())).verdict,
    "supported",
  );
});

test("nothing leaves before it is written down", async () => {
  const script = createScript([commitTask("v1")]);
  const full: Journal = {
    find: () => undefined,
    record: () => Promise.reject(new Error("ENOSPC")),
    claimStatement: () => Promise.reject(new Error("ENOSPC")),
    close: () => Promise.resolve(),
  };
  assert.deepEqual(await run(full, script.verifier), ["commit failed: Error: ENOSPC"]);
  assert.deepEqual(script.commits, []);
});

test("a reveal without a journal entry is not answered with a new signature", async (context) => {
  const journal = await openJournal(path.join(await createFolder(context), "journal"));
  const script = createScript([revealTask("v1")]);
  const [outcome, ...more] = await run(journal, script.verifier);
  assert.match(outcome ?? "", /^reveal failed: nothing is written down/);
  assert.deepEqual([more, script.reveals, script.commits], [[], [], []]);
  await journal.close();
});

test("a refusal and a broken connection end one task, not the validator", async (context) => {
  const journal = await openJournal(path.join(await createFolder(context), "journal"));
  const answers: (Result<unknown> | Error)[] = [
    refuse("COMMIT_CLOSED", "too late"),
    new Error("UNAVAILABLE"),
    succeed({}),
  ];
  const script = createScript(
    [commitTask("v1"), commitTask("v2"), commitTask("v2")],
    () => answers.shift() ?? succeed({}),
  );
  assert.deepEqual(await run(journal, script.verifier), [
    "commit failed: COMMIT_CLOSED: too late",
    "commit failed: Error: UNAVAILABLE",
    "commit",
  ]);
  await journal.close();
});

test("what the end of the process cut short is not signed: asked again, it is checked again", async (context) => {
  const journal = await openJournal(path.join(await createFolder(context), "journal"));
  const script = createScript([commitTask("v1")]);
  const ending = new AbortController();
  const outcomes: string[] = [];
  await attend(
    {
      identity,
      verifier: script.verifier,
      journal,
      check: () => {
        ending.abort();
        return { verdict: "unresolved", evidence: [] };
      },
      onDone: (kind) => outcomes.push(kind),
      onFailed: (kind, _id, reason) => outcomes.push(`${kind} failed: ${String(reason)}`),
    },
    ending.signal,
  );
  assert.deepEqual([outcomes, script.commits], [["commit failed: this validator is stopping"], []]);
  assert.equal(journal.find("v1"), undefined);
  await journal.close();
});

test("checkers get no more time than there is to commit", async (context) => {
  const journal = await openJournal(path.join(await createFolder(context), "journal"));
  const assignment = { ...assignmentOf("v1"), commitByMs: BigInt(Date.now() + 250) };
  const script = createScript([{ kind: "commit", assignment }]);
  const slow = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
  const startedAt = performance.now();
  await attend(
    {
      identity,
      verifier: script.verifier,
      journal,
      check: async (_claim, _response, _sources, signal) => {
        await slow(signal);
        return { verdict: "unresolved", evidence: [] };
      },
      checkMsMax: 60_000,
      onDone: () => undefined,
      onFailed: (_kind, _id, reason) => assert.fail(String(reason)),
    },
    new AbortController().signal,
  );
  assert.ok(performance.now() - startedAt < 2_000);
  assert.equal(script.commits.length, 1, "committed, with what was known");
  await journal.close();
});

test("a checker that throws costs this claim's verification and nothing else", async (context) => {
  const journal = await openJournal(path.join(await createFolder(context), "journal"));
  const script = createScript([commitTask("v1"), commitTask("v2")]);
  const broken: Check = () => {
    if (script.commits.length === 0 && journal.find("v2") === undefined)
      throw new Error("a bug in a checker");
    return { verdict: "supported", evidence: [] };
  };
  const outcomes = await run(journal, script.verifier, broken);
  assert.equal(outcomes.length, 2);
  assert.equal(journal.find("v1"), undefined, "nothing was signed for it");
  await journal.close();
});
