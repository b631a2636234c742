/** Two networks on one machine do not meet, and a data folder brings a network back as it was. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { unwrap, verifyReceiptProof, type Receipt } from "@mira/client";
import { createDevKey, startLocalnet, type Localnet } from "@mira/localnet";
import { createTemporaryFolder } from "@mira/localnet/infra";
import { assertEscrowHolds, readBlockhash, readLamports, settle } from "./localnet.fixture.ts";
import { buildTransaction, transferSol } from "./transactions.fixture.ts";

const alice = createDevKey("alice");
const bob = createDevKey("bob").publicKey;
const SOL = 1_000_000_000n;

test("two networks side by side: one's money is not the other's, and the folder of one outlives it", async () => {
  const folder = await createTemporaryFolder("side-by-side");
  const dataDir = join(folder.path, "data");
  const start = (kept: boolean): Promise<Localnet> =>
    startLocalnet({ challengeWindowMs: 300, logLevel: "error", ...(kept ? { dataDir } : {}) });
  const started = await Promise.allSettled([start(true), start(false)]);
  const running = started.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  try {
    const [kept, other] = running;
    assert.ok(kept !== undefined && other !== undefined, JSON.stringify(started));
    assert.equal(new Set([...portsOf(kept), ...portsOf(other)]).size, 2 * portsOf(kept).length);
    const before = await readLamports(other.client, bob);
    const receipt = await send(kept, 3n * SOL);
    assert.equal(await readLamports(kept.client, bob), before + 3n * SOL);
    assert.equal(await readLamports(other.client, bob), before);
    await kept.stop();
    await send(other, SOL);
    await assertComesBack(await start(true), receipt, before + 3n * SOL);
  } finally {
    for (const localnet of running) await localnet.stop();
    await folder.remove();
  }
});

async function assertComesBack(again: Localnet, receipt: Receipt, lamports: bigint): Promise<void> {
  try {
    const { client } = again;
    assert.equal(await readLamports(client, bob), lamports);
    const known = unwrap(await client.ledger.getReceipt(receipt.transactionId));
    assert.equal(known.sequenceNumber, receipt.sequenceNumber);
    assert.equal(known.stage, "finalized");
    const proof = unwrap(await client.ledger.getReceiptProof(known.sequenceNumber));
    unwrap(verifyReceiptProof(proof, client.network));
    const next = await send(again, SOL);
    assert.equal(next.sequenceNumber, receipt.sequenceNumber + 1, "numbers are never given twice");
    await assertEscrowHolds(client);
  } finally {
    await again.stop();
  }
}

async function send({ client }: Localnet, lamports: bigint): Promise<Receipt> {
  const transaction = buildTransaction({
    payer: alice,
    blockhash: await readBlockhash(client),
    instructions: [transferSol(alice, bob, lamports)],
  });
  return settle(client, transaction, "finalized");
}

function portsOf({ network, postgres, nats }: Localnet): string[] {
  return [
    ...Object.values(network.endpoints).map((target) => target.split(":")[1] ?? ""),
    String(postgres.port),
    String(nats.port),
  ];
}
