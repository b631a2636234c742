/** What the ledger says no to: each refusal typed, nothing ordered, nothing lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sequencer } from "@mira/api";
import { callUnary, createKeyPair, unwrap } from "@mira/client";
import { createDevKey } from "@mira/localnet";
import * as runtime from "@mira/runtime/fixtures";
import { eventually } from "@mira/testing";
import {
  assertEscrowHolds,
  assertRefused,
  readBlockhash,
  readLamports,
  settle,
  settleWell,
  useLocalnet,
} from "./localnet.fixture.ts";
import {
  addressOf,
  buildTransaction,
  toKit,
  transferSol,
  type TransactionTerms,
} from "./transactions.fixture.ts";

/** Shorter slots, so that a blockhash is old after six seconds. */
const SLOT_MS = 40;
const alice = createDevKey("alice");
const bob = createDevKey("bob").publicKey;
const LAMPORTS = 1_000_000n;
const FEE = 5_000n;

let oldTransaction: Uint8Array;
let oldLastSlot: number;
const localnet = useLocalnet(
  { overrides: { sequencer: { MIRA_SLOT: `${SLOT_MS}ms` } } },
  async ({ client }) => {
    const { blockhash, lastValidSlot } = unwrap(await client.ledger.getLatestBlockhash());
    oldLastSlot = lastValidSlot;
    oldTransaction = build({ blockhash, payer: alice });
  },
);

type Attempt = {
  readonly what: string;
  readonly code: string;
  readonly make: (blockhash: Uint8Array) => Uint8Array | Promise<Uint8Array>;
};

const manyKeys = Array.from({ length: 70 }, (_, index) => runtime.fixtureKey(`many-${index}`));
const table = runtime.fixtureKey("no such table");

const ATTEMPTS: readonly Attempt[] = [
  {
    what: "a signature that does not verify",
    code: "SIGNATURE_INVALID",
    make: (blockhash) => flip(build({ blockhash, payer: alice }), 20),
  },
  {
    what: "a message that was changed after it was signed",
    code: "SIGNATURE_INVALID",
    make: (blockhash) => flip(build({ blockhash, payer: alice }), -3),
  },
  {
    what: "a blockhash that never was",
    code: "BLOCKHASH_EXPIRED",
    make: () => build({ blockhash: runtime.fixtureKey("never"), payer: alice }),
  },
  {
    what: "a payer without money",
    code: "FEE_PAYER_UNFUNDED",
    make: (blockhash) => build({ blockhash, payer: createKeyPair() }),
  },
  {
    what: "seventy locks",
    code: "TOO_MANY_LOCKS",
    make: (blockhash) =>
      // By hand: kit does not build it.
      runtime.encodeTransaction({
        payer: alice.publicKey,
        signers: [alice],
        blockhash,
        instructions: [
          {
            programId: runtime.MEMO_PROGRAM,
            accounts: manyKeys.map((key) => ({ key })),
            data: Buffer.from("x"),
          },
        ],
        lookups: { addresses: manyKeys, lookups: [{ table, writable: [], readonly: [...manyKeys.keys()] }] },
      }),
  },
  {
    what: "a lookup table that does not exist",
    code: "LOOKUP_TABLE_NOT_FOUND",
    make: (blockhash) => build({ blockhash, payer: alice, tables: { [addressOf(table)]: [addressOf(bob)] } }),
  },
  {
    what: "more than 1,232 bytes",
    code: "TRANSACTION_TOO_LARGE",
    make: (blockhash) =>
      build({
        blockhash,
        payer: alice,
        instructions: [toKit(runtime.memo("m".repeat(1_200), alice.publicKey))],
      }),
  },
  {
    what: "bytes after the end",
    code: "TRANSACTION_MALFORMED",
    make: (blockhash) => Buffer.concat([build({ blockhash, payer: alice }), Uint8Array.of(0)]),
  },
  { what: "noise", code: "TRANSACTION_MALFORMED", make: () => Buffer.alloc(300, 0xa5) },
  { what: "no bytes", code: "TRANSACTION_MALFORMED", make: () => new Uint8Array() },
  {
    what: "a durable nonce",
    code: "DURABLE_NONCE_REFUSED",
    make: (blockhash) =>
      build({
        blockhash,
        payer: alice,
        instructions: [
          toKit(runtime.advanceNonce(runtime.fixtureKey("nonce"), alice.publicKey)),
          transferSol(alice, bob, LAMPORTS),
        ],
      }),
  },
];

for (const { what, code, make } of ATTEMPTS)
  test(`${what}: ${code}, and no sequence number is spent`, async () => {
    const { client } = localnet.get();
    const [next, mine, theirs] = await readState();
    const transaction = await make(await readBlockhash(client));
    assertRefused(await client.ledger.submitTransaction(transaction), code);
    const [outcome] = unwrap(await client.ledger.submitTransactions([transaction]));
    assertRefused(outcome ?? assert.fail(), code);
    assert.deepEqual(await readState(), [next, mine, theirs]);
  });

test("the same message again: TRANSACTION_DUPLICATE, alone, in one call, and when it is final", async () => {
  const { client } = localnet.get();
  const theirs = await readLamports(client, bob);
  const transaction = build({ blockhash: await readBlockhash(client), payer: alice });
  const outcomes = unwrap(await client.ledger.submitTransactions([transaction, transaction]));
  const first = unwrap(outcomes[0] ?? assert.fail());
  assertRefused(outcomes[1] ?? assert.fail(), "TRANSACTION_DUPLICATE");
  assertRefused(await client.ledger.submitTransaction(transaction), "TRANSACTION_DUPLICATE");
  unwrap(await client.ledger.waitForCommitment(first, "finalized"));
  assertRefused(await client.ledger.submitTransaction(transaction), "TRANSACTION_DUPLICATE");
  assert.equal((await readLamports(client, bob)) - theirs, LAMPORTS);
});

test("one payer cannot promise the same lamports twice, and every fee is accounted for", async () => {
  const { client } = localnet.get();
  const poor = createKeyPair();
  const blockhash = await readBlockhash(client);
  // The last ten fees above what an account must hold to exist.
  const lamports = runtime.rentExempt(0) + 10n * FEE;
  await settleWell(
    client,
    build({ blockhash, payer: alice, instructions: [transferSol(alice, poor.publicKey, lamports)] }),
  );
  const transactions = Array.from({ length: 200 }, (_, index) =>
    build({ blockhash, payer: poor, instructions: [toKit(runtime.memo(`${index}`, poor.publicKey))] }),
  );
  const outcomes = unwrap(await client.ledger.submitTransactions(transactions));
  const refused = outcomes.filter((outcome) => !outcome.ok);
  assert.equal(refused.length, transactions.length - Number(lamports / FEE));
  for (const outcome of refused) assertRefused(outcome, "FEE_PAYER_UNFUNDED");
  const sequences = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  unwrap(await client.ledger.waitForCommitment(sequences.at(-1) ?? assert.fail(), "confirmed"));
  const receipts = await Promise.all(
    sequences.map(async (sequence) => unwrap(await client.ledger.getReceipt(sequence))),
  );
  assert.equal(
    receipts.filter(({ succeeded }) => succeeded).length,
    10,
    "the others are receipts that do nothing",
  );
  const fees = receipts.reduce((sum, { feeLamports }) => sum + feeLamports, 0n);
  assert.equal(await readLamports(client, poor.publicKey), lamports - fees);
  assert.equal(fees, 10n * FEE);
});

test("a blockhash is refused from the slot after its 150th", async () => {
  const { client } = localnet.get();
  await eventually(async () => (await readSlot()) > oldLastSlot, { timeoutMs: 200 * SLOT_MS });
  assertRefused(await client.ledger.submitTransaction(oldTransaction), "BLOCKHASH_EXPIRED");
});

test("after all of that the ledger goes on, and the money adds up", async () => {
  const { client } = localnet.get();
  const receipt = await settle(
    client,
    build({ blockhash: await readBlockhash(client), payer: alice }),
    "finalized",
  );
  assert.equal(receipt.stage, "finalized");
  await assertEscrowHolds(client);
});

function build(terms: Omit<TransactionTerms, "instructions"> & Partial<TransactionTerms>): Uint8Array {
  return buildTransaction({ instructions: [transferSol(terms.payer, bob, LAMPORTS)], ...terms });
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.with(at, (bytes.at(at) ?? 0) ^ 1);
}

async function readState(): Promise<readonly [next: bigint, mine: bigint, theirs: bigint]> {
  const { client } = localnet.get();
  const status = unwrap(
    await callUnary(client.channels.sequencer, sequencer.SequencerServiceService.getStatus, {}),
  );
  return [
    status.nextSequenceNumber,
    await readLamports(client, alice.publicKey),
    await readLamports(client, bob),
  ];
}

async function readSlot(): Promise<number> {
  return unwrap(await localnet.get().client.ledger.getLatestBlockhash()).lastValidSlot - 150;
}
