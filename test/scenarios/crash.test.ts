/**
 * Everything dies once, without warning, under load: nothing acknowledged is lost, nothing is applied twice.
 *
 * Incidents of others that this repeats: Base, June 2026 (a crash in the middle always resumes); LiteSVM's short memory of
 * signatures (the same transaction before and after a restart); optimism 15321 (no finality by time-out while nobody
 * re-executes); Arbitrum, December 2023 (settlement stands still: pressure back, typed); nats 7680 and 5564 (an executor's death
 * costs seconds, not an acknowledgement's wait).
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { test } from "node:test";
import { sequencer } from "@mira/api";
import { callUnary, encodeBase58, unwrap, type Receipt } from "@mira/client";
import { REEXECUTOR } from "@mira/localnet";
import { parseSequenceNumber } from "@mira/primitives";
import { eventually } from "@mira/testing";
import { runProgram } from "./command.fixture.ts";
import {
  assertEscrowHolds,
  assertRefused,
  readLamports,
  readSettlementStatus,
  settle,
  useLocalnet,
} from "./localnet.fixture.ts";
import {
  attempt,
  PAYERS,
  RECIPIENTS,
  startTransferLoad,
  type TransferLoad,
} from "./transfer-load.fixture.ts";
import { buildTransaction, transferSol } from "./transactions.fixture.ts";

const PAYER_LAMPORTS = 10_000_000_000n;
const localnet = useLocalnet(
  {
    challengeWindowMs: 200,
    logLevel: "error",
    accounts: PAYERS.map(({ publicKey }) => ({ key: publicKey, lamports: PAYER_LAMPORTS })),
  },
  ({ client }) => {
    load = startTransferLoad(client);
    return Promise.resolve();
  },
);
let load: TransferLoad;

const BETWEEN_MS = 400;
const BACK_MS = 60_000;
const RECEIPTS_AT_ONCE = 64;
/** What a client may be told while something is down: all of it says "again, later". */
const WAITING = new Set([
  "no answer",
  "NOT_LEADER",
  "DRAINING",
  "OVERLOADED",
  "DEPENDENCY_UNAVAILABLE",
  "SPECULATION_LIMIT",
  "ACCOUNT_CONGESTED",
  "TRANSACTION_DUPLICATE",
]);

for (const service of ["executor-1", "executor-2", "re-executor", "sequencer", "settlement"])
  test(`${service} is killed, and transactions are finalized again`, async () => {
    await killService(service);
    await waitForProgress();
  });

test("verifier, staking, sessions and a validator are killed, and transactions do not notice", async () => {
  const before = load.countAcknowledged();
  await Promise.all(["verifier", "staking", "sessions", "validator-1"].map(killService));
  assert.ok(load.countAcknowledged() > before);
  await waitForProgress();
});

test("NATS is killed, and transactions are finalized again", async () => {
  await localnet.get().nats.restart("SIGKILL");
  await waitForProgress();
});

test("Postgres is killed, and transactions are finalized again", async () => {
  await localnet.get().postgres.restart("SIGKILL");
  await waitForProgress();
});

test("while the re-executor stands still nothing becomes final, however long it takes", async () => {
  const { client, services } = localnet.get();
  services.get(REEXECUTOR)?.kill("SIGSTOP");
  try {
    await sleep(1_000);
    const still = await readSettlementStatus(client);
    await sleep(1_500);
    const later = await readSettlementStatus(client);
    assert.ok(later.settledSequence > still.settledSequence, "settling goes on");
    assert.equal(later.finalizedSequence, still.finalizedSequence);
  } finally {
    services.get(REEXECUTOR)?.kill("SIGCONT");
  }
  await waitForProgress();
});

test("what was admitted before a crash of the sequencer is a duplicate after it", async () => {
  const { client } = localnet.get();
  const [payer, to] = [PAYERS[0] ?? assert.fail(), RECIPIENTS[0] ?? assert.fail()];
  const { blockhash } = unwrap(await client.ledger.getLatestBlockhash());
  const transaction = buildTransaction({ payer, blockhash, instructions: [transferSol(payer, to, 1n)] });
  const first = await settle(client, transaction);
  await killService("sequencer");
  assertRefused(await client.ledger.submitTransaction(transaction), "TRANSACTION_DUPLICATE");
  extras.push(first);
});

test("every sequence number has one final receipt, and the balances are their sum", async () => {
  const { client } = localnet.get();
  await load.stop();
  const acknowledged = load.sent.filter((entry) => entry.acknowledged !== undefined);
  assert.ok(acknowledged.length > 500, `a load worth the name: ${acknowledged.length}`);
  const unexpected = [...load.refusals.keys()].filter((code) => !WAITING.has(code));
  assert.deepEqual(unexpected, []);
  const receipts = await readAllReceipts();
  assert.ok(receipts.every(({ stage }) => stage === "finalized"));
  const ids = receipts.map(({ transactionId }) => encodeBase58(transactionId));
  assert.equal(new Set(ids).size, ids.length, "no transaction has two sequence numbers");
  for (const { acknowledged: sequence, transactionId } of acknowledged)
    assert.equal(
      ids[sequence ?? -1],
      transactionId,
      `sequence number ${sequence ?? -1} is what was promised`,
    );

  const sent = new Map(load.sent.map((entry) => [entry.transactionId, entry]));
  const changes = new Map<string, bigint>();
  const add = (key: Uint8Array, lamports: bigint): unknown =>
    changes.set(encodeBase58(key), (changes.get(encodeBase58(key)) ?? 0n) + lamports);
  for (const receipt of receipts) {
    const entry = sent.get(encodeBase58(receipt.transactionId)) ?? findExtra(receipt);
    add(entry.from.publicKey, 0n - receipt.feeLamports - (receipt.succeeded ? entry.lamports : 0n));
    if (receipt.succeeded) add(entry.to, entry.lamports);
  }
  for (const { publicKey } of PAYERS)
    assert.equal(
      await readLamports(client, publicKey),
      PAYER_LAMPORTS + (changes.get(encodeBase58(publicKey)) ?? 0n),
    );
  for (const key of RECIPIENTS)
    assert.equal(await readLamports(client, key), changes.get(encodeBase58(key)) ?? 0n);
  await assertEscrowHolds(client);
});

test("the audit log leads to its signed root", async () => {
  const network = join(localnet.get().stateDir, "network.json");
  const checked = await runProgram("packages/cli/src/main.ts", ["--network", network, "audit", "check"]);
  assert.equal(checked.code, 0, checked.stderr);
});

/** Transactions that a test sent itself. */
const extras: Receipt[] = [];

function findExtra({ sequenceNumber }: Receipt): {
  from: (typeof PAYERS)[number];
  to: Uint8Array;
  lamports: bigint;
} {
  assert.ok(extras.some((extra) => extra.sequenceNumber === sequenceNumber));
  return { from: PAYERS[0] ?? assert.fail(), to: RECIPIENTS[0] ?? assert.fail(), lamports: 1n };
}

/** Kills it and waits until it says that it is ready. */
async function killService(name: string): Promise<void> {
  const service = localnet.get().services.get(name) ?? assert.fail(`no service ${name}`);
  await sleep(BETWEEN_MS);
  const restarts = service.restarts();
  service.kill("SIGKILL");
  await eventually(
    async () => {
      assert.ok(service.restarts() > restarts);
      const { ok } = await fetch(`http://${service.adminAddress}/readyz`);
      assert.ok(ok, `${name} is not ready`);
    },
    { timeoutMs: BACK_MS },
  );
}

/** Whatever is acknowledged from now on becomes final. */
async function waitForProgress(): Promise<void> {
  const { client } = localnet.get();
  const { nextSequenceNumber } = await eventually(readSequencerStatus, { timeoutMs: BACK_MS });
  await eventually(
    async () => {
      const status = await attempt(() => readSettlementStatus(client));
      assert.ok(
        status !== undefined && status.finalizedSequence > nextSequenceNumber,
        `final is ${status?.finalizedSequence ?? "unknown"} of ${nextSequenceNumber}; ${localnet.notices.slice(-5).join("; ")}`,
      );
    },
    { timeoutMs: BACK_MS },
  );
}

async function readSequencerStatus(): Promise<sequencer.GetStatusResponse> {
  const { sequencer: channel } = localnet.get().client.channels;
  return unwrap(await callUnary(channel, sequencer.SequencerServiceService.getStatus, {}));
}

/** In sequence order, from the first to the last number that was ever given. */
async function readAllReceipts(): Promise<Receipt[]> {
  const { ledger } = localnet.get().client;
  const { nextSequenceNumber } = await readSequencerStatus();
  const count = Number(nextSequenceNumber);
  unwrap(
    await ledger.waitForCommitment(parseSequenceNumber(count - 1), "finalized", { deadlineMs: BACK_MS }),
  );
  const receipts: Receipt[] = [];
  while (receipts.length < count) {
    const numbers = Array.from({ length: Math.min(RECEIPTS_AT_ONCE, count - receipts.length) }, (_, index) =>
      parseSequenceNumber(receipts.length + index),
    );
    receipts.push(...(await Promise.all(numbers.map(async (at) => unwrap(await ledger.getReceipt(at))))));
  }
  return receipts;
}
