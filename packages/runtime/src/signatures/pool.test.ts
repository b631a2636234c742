import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createKeyPair, unwrap } from "@mira/primitives";
import { encodeRaw, MEMO } from "../../fixtures/raw-transactions.ts";
import { decodeTransaction } from "../wire/index.ts";
import { packSignedTransactions, verifyMany, type SignedTransaction } from "./packed.ts";
import { createVerifierPool, type VerifierPoolOptions } from "./pool.ts";
import { messageHash } from "./verify.ts";

const OWNER = createKeyPair(new Uint8Array(32).fill(5));
const SESSION = createKeyPair(new Uint8Array(32).fill(6));
const DYING = new URL("../../fixtures/dying-verifier.ts", import.meta.url);

test("the pool gives each transaction its own verdict and hash, whatever stands beside it", async () => {
  await using pool = open({ threads: 2, queueLimit: 1_000 });
  const kinds = listKinds();
  const many = Array.from({ length: 300 }, (_, index) => kinds[(index * 7) % kinds.length] ?? memo(""));
  const expected = verifyMany(packSignedTransactions(many));
  const { valid, hashes } = unwrap(await pool.verify(many));
  assert.deepEqual([...valid], [...expected.valid]);
  assert.deepEqual(Buffer.from(hashes), Buffer.from(expected.hashes));
  assert.deepEqual([...verifyMany(packSignedTransactions(kinds)).valid], [1, 1, 0, 0, 0, 0, 0, 0]);
});

test("the hash is that of the message, and zero where the bytes are no transaction", () => {
  const [good, , , trailing] = listKinds();
  assert.ok(good !== undefined && trailing !== undefined);
  const { hashes } = verifyMany(packSignedTransactions([good, trailing]));
  const decoded = decodeTransaction(good.wire);
  assert.ok(decoded.ok);
  assert.deepEqual(Buffer.from(hashes.subarray(0, 32)), Buffer.from(messageHash(good.wire, decoded.value)));
  assert.deepEqual([...hashes.subarray(32)], new Array(32).fill(0));
});

test("many small requests at once each get their own answer", async () => {
  await using pool = open({ threads: 2, queueLimit: 1_000 });
  const kinds = listKinds();
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => pool.verify([kinds[index % kinds.length] ?? memo("")])),
  );
  answers.forEach((answer, index) => assert.equal(unwrap(answer).valid[0], index % kinds.length < 2 ? 1 : 0));
  assert.equal(unwrap(await pool.verify([])).valid.length, 0);
});

test("a full queue refuses with OVERLOADED, and takes work again when it has room", async () => {
  await using pool = open({ threads: 1, queueLimit: 100 });
  const first = pool.verify(Array.from({ length: 90 }, () => memo("first")));
  const refused = await pool.verify(Array.from({ length: 11 }, () => memo("second")));
  assert.deepEqual(
    refused.ok ? "accepted" : [refused.code, refused.details["needed"], refused.details["left"]],
    ["OVERLOADED", "11", "10"],
  );
  assert.equal((await pool.verify(Array.from({ length: 10 }, () => memo("third")))).ok, true);
  assert.equal((await first).ok, true);
  assert.equal((await pool.verify(Array.from({ length: 100 }, () => memo("fourth")))).ok, true);
  assert.equal((await pool.verify(Array.from({ length: 101 }, () => memo("fifth")))).ok, false);
});

test("a thread that dies is replaced, and its work is done again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mira-verifier-"));
  await using pool = open({ threads: 2, queueLimit: 1_000, worker: DYING });
  const work = Array.from({ length: 200 }, (_, index) =>
    memo(index % 50 === 0 ? `die once ${folder}/${index} ` : `${index}`),
  );
  const { valid } = unwrap(await pool.verify(work));
  assert.equal(
    valid.every((verdict) => verdict === 1),
    true,
  );
  rmSync(folder, { recursive: true });
});

test("a transaction that kills every thread fails alone: what stood beside it is verified", async () => {
  await using pool = open({ threads: 2, queueLimit: 1_000, worker: DYING });
  const innocent = Array.from({ length: 100 }, (_, index) => pool.verify([memo(`${index}`)]));
  const poison = pool.verify([memo("die always")]);
  const later = Array.from({ length: 100 }, (_, index) => pool.verify([memo(`later ${index}`)]));
  await assert.rejects(poison, /verifier thread ended/);
  for (const answer of await Promise.all([...innocent, ...later])) assert.equal(unwrap(answer).valid[0], 1);
});

test("threads that die of themselves break the pool instead of being made for ever", async () => {
  const pool = createVerifierPool({
    threads: 1,
    queueLimit: 10,
    worker: new URL("data:text/javascript,process.exit(1)"),
  });
  await assert.rejects(pool.verify([memo("")]));
  await assert.rejects(async () => {
    for (let attempt = 0; attempt < 20; attempt++)
      await pool.verify([memo("")]).catch((error: unknown) => rethrowIfBroken(error));
  }, /threads die/);
  await pool.close();
});

test("a session key of another length is the caller's mistake, and the pool lives on", async () => {
  await using pool = open({ threads: 1, queueLimit: 10 });
  await assert.rejects(pool.verify([{ ...memo(""), sessionKey: new Uint8Array(31) }]), /32 bytes/);
  assert.equal(unwrap(await pool.verify([memo("")])).valid[0], 1);
});

test("an aborted request is given up at once, and its place is free again", async () => {
  await using pool = open({ threads: 1, queueLimit: 500 });
  const controller = new AbortController();
  const given = pool.verify(
    Array.from({ length: 400 }, () => memo("given up")),
    controller.signal,
  );
  controller.abort();
  await assert.rejects(given, /given up/);
  await assert.rejects(pool.verify([memo("")], controller.signal), { name: "AbortError" });
  assert.equal(unwrap(await pool.verify([memo("next")])).valid[0], 1);
  assert.equal((await pool.verify(Array.from({ length: 500 }, () => memo("all")))).ok, true);
});

test("closing finishes what is queued and refuses what comes after", async () => {
  const pool = createVerifierPool({ threads: 2, queueLimit: 1_000 });
  const queued = pool.verify(Array.from({ length: 300 }, () => memo("queued")));
  const closing = pool.close();
  const late = await pool.verify([memo("late")]);
  assert.equal(late.ok ? "accepted" : late.code, "DRAINING");
  assert.equal(
    unwrap(await queued).valid.every((verdict) => verdict === 1),
    true,
  );
  await closing;
});

function open(options: VerifierPoolOptions): ReturnType<typeof createVerifierPool> & AsyncDisposable {
  const pool = createVerifierPool(options);
  return { ...pool, [Symbol.asyncDispose]: () => pool.close() };
}

function rethrowIfBroken(error: unknown): void {
  if (error instanceof Error && error.message.includes("threads die")) throw error;
}

/** The first two are valid; each of the others is not, for a reason of its own. */
function listKinds(): SignedTransaction[] {
  const good = memo("good").wire;
  const spoiled = Buffer.from(good);
  spoiled[spoiled.length - 1] = 0;
  const bySession = encode("session", SESSION);
  return [
    { wire: good },
    { wire: bySession, sessionKey: SESSION.publicKey },
    { wire: spoiled },
    { wire: Buffer.concat([good, Buffer.of(0)]) },
    { wire: new Uint8Array(0) },
    { wire: Buffer.concat([good, Buffer.alloc(70_000)]) },
    { wire: bySession },
    { wire: good, sessionKey: SESSION.publicKey },
  ];
}

function memo(text: string): SignedTransaction {
  return { wire: encode(text, OWNER) };
}

function encode(text: string, signer: typeof OWNER): Uint8Array {
  return encodeRaw({
    keys: [OWNER.publicKey, MEMO],
    header: [1, 0, 1],
    instructions: [{ program: 1, data: Buffer.from(text) }],
    sign: (message) => signer.sign(message),
  });
}
