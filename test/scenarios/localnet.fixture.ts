/** One localnet for a test file: every service a process, nothing mocked. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { settlement } from "@mira/api";
import {
  callUnary,
  encodeBase58,
  unwrap,
  type Commitment,
  type MiraClient,
  type Receipt,
} from "@mira/client";
import { startLocalnet, type Localnet, type LocalnetOptions } from "@mira/localnet";

const START_MS = 120_000;
const WAIT_MS = 60_000;
const NOTICES_MAX = 200;

export type RunningLocalnet = {
  readonly get: () => Localnet;
  /** What the supervisor said, for the message of a failed test. */
  readonly notices: readonly string[];
};

/** Starts it before the file's tests, with what `ready` does first, and stops it after them. */
export function useLocalnet(
  options: LocalnetOptions = {},
  ready: (localnet: Localnet) => Promise<void> = () => Promise.resolve(),
): RunningLocalnet {
  const notices: string[] = [];
  let running: Localnet | undefined;
  before(
    async () => {
      running = await startLocalnet({
        challengeWindowMs: 500,
        logLevel: "warn",
        notice: (line) => {
          notices.push(line);
          if (notices.length > NOTICES_MAX) notices.shift();
        },
        ...options,
      });
      await ready(running);
    },
    { timeout: START_MS },
  );
  after(() => running?.stop());
  return {
    get: () => running ?? assert.fail("the localnet has not started"),
    notices,
  };
}

/** Submits and waits; a refusal of either is thrown. */
export async function settle(
  client: MiraClient,
  transaction: Uint8Array,
  commitment: Commitment = "confirmed",
): Promise<Receipt> {
  const { sequenceNumber } = unwrap(await client.ledger.submitTransaction(transaction));
  return unwrap(await client.ledger.waitForCommitment(sequenceNumber, commitment, { deadlineMs: WAIT_MS }));
}

export async function settleWell(client: MiraClient, transaction: Uint8Array): Promise<Receipt> {
  const receipt = await settle(client, transaction);
  assert.equal(receipt.status, "ok", receipt.logs.join("\n"));
  return receipt;
}

export async function readLamports(client: MiraClient, key: Uint8Array): Promise<bigint> {
  const { accounts } = unwrap(await client.ledger.getAccounts([key]));
  return accounts[0]?.lamports ?? 0n;
}

export async function readData(client: MiraClient, key: Uint8Array): Promise<Uint8Array> {
  const { accounts } = unwrap(await client.ledger.getAccounts([key]));
  return accounts[0]?.data ?? assert.fail(`no account ${encodeBase58(key)}`);
}

export async function readBlockhash(client: MiraClient): Promise<Uint8Array> {
  return unwrap(await client.ledger.getLatestBlockhash()).blockhash;
}

export async function readSettlementStatus(client: MiraClient): Promise<settlement.GetStatusResponse> {
  return unwrap(
    await callUnary(client.channels.settlement, settlement.SettlementServiceService.getStatus, {}),
  );
}

/** Containment: what the runtime holds is what its escrow on the base ledger says. */
export async function assertEscrowHolds(client: MiraClient): Promise<void> {
  const { runtimeLamports, escrowLamports } = await readSettlementStatus(client);
  assert.equal(runtimeLamports, escrowLamports, "the runtime's money is its escrow");
  assert.ok(runtimeLamports > 0n);
}

/** Fails unless the outcome is this refusal; its details, for more questions. */
export function assertRefused(
  outcome: { readonly ok: boolean },
  code: string,
): Readonly<Record<string, string>> {
  assert.ok("code" in outcome && "details" in outcome, `needed ${code}, got a success`);
  assert.equal(outcome.code, code);
  return outcome.details as Readonly<Record<string, string>>;
}
