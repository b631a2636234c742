/** solana-bankrun: the test bank of the Solana program test framework, transactions one process call at a time, many at once. */
import { Account, start } from "solana-bankrun/dist/internal.js";
import { decodeBase58, type KeyPair } from "@mira/primitives";
import { SYSTEM_PROGRAM } from "@mira/runtime/fixtures";
import { START_LAMPORTS } from "../accounts.ts";
import { computeMedian, round } from "../statistics.ts";
import { createSolWorkload } from "../transfers.ts";
import type { PeerEffort, PeerResult } from "./peer.ts";

/** More at once were no faster; blockhashes expire with the wall clock, so little is signed ahead. */
const AT_ONCE = 40;
const ROUND = 120;

export async function measureBankrun(accounts: readonly KeyPair[], effort: PeerEffort): Promise<PeerResult> {
  const bank = await start(
    [],
    accounts.map(({ publicKey }) => [
      publicKey,
      new Account(START_LAMPORTS, new Uint8Array(), SYSTEM_PROGRAM, false, 0n),
    ]),
  );
  const { banksClient } = bank;
  const workload = createSolWorkload(accounts, Math.random);
  const runRound = async (): Promise<number> => {
    const latest = await banksClient.getLatestBlockhash();
    const transactions = workload.create(
      ROUND,
      decodeBase58(latest?.blockhash ?? bank.lastBlockhash) ?? NO_HASH,
    );
    const startedAt = performance.now();
    for (let first = 0; first < ROUND; first += AT_ONCE)
      await Promise.all(
        transactions.slice(first, first + AT_ONCE).map((wire) => banksClient.processLegacyTransaction(wire)),
      );
    return performance.now() - startedAt;
  };
  await runRound();
  const slices: number[] = [];
  for (let slice = 0; slice < effort.slices; slice += 1) {
    let spentMs = 0;
    let rounds = 0;
    for (; spentMs < effort.sliceMs; rounds += 1) spentMs += await runRound();
    slices.push(round((rounds * ROUND) / (spentMs / 1000)));
  }
  return {
    name: "solana-bankrun",
    tps: round(computeMedian(slices)),
    slices,
    conditions: `SOL transfers, processTransaction, ${AT_ONCE} at once, signing not counted; in memory, not durable`,
  };
}

const NO_HASH = new Uint8Array(32);
