/** solana-bankrun: the test bank of the Solana program test framework, by its documented API and by the class of bytes beneath it. */
import { PublicKey, Transaction } from "@solana/web3.js";
import { start } from "solana-bankrun";
import { Account, start as startOnBytes } from "solana-bankrun/dist/internal.js";
import { decodeBase58, type KeyPair } from "@mira/primitives";
import { SYSTEM_PROGRAM } from "@mira/runtime/fixtures";
import { START_LAMPORTS } from "../accounts.ts";
import { computeMedian, round } from "../statistics.ts";
import { createPairedWorkload } from "../transfers.ts";
import type { PeerEffort, PeerResult } from "./peer.ts";

/** More at once were no faster; blockhashes expire with the wall clock, so little is signed ahead. */
const AT_ONCE = 40;
const ROUND = 120;
const NO_HASH = new Uint8Array(32);

type Bank = {
  readonly name: string;
  readonly how: string;
  readonly readBlockhash: () => Promise<string | undefined>;
  /** Work that a client does once before it sends, not counted. */
  readonly prepare: (wire: Buffer) => () => Promise<unknown>;
};

/** It prints every step of every program otherwise. Read when a bank starts. */
process.env["RUST_LOG"] ??= "error";

export async function measureBankrun(
  accounts: readonly KeyPair[],
  effort: PeerEffort,
): Promise<PeerResult[]> {
  const results: PeerResult[] = [];
  for (const open of [openDocumented, openOnBytes])
    results.push(await measureBank(await open(accounts), accounts, effort));
  return results;
}

async function measureBank(
  bank: Bank,
  accounts: readonly KeyPair[],
  { slices, sliceMs }: PeerEffort,
): Promise<PeerResult> {
  const workload = createPairedWorkload(accounts);
  const runRound = async (): Promise<number> => {
    const blockhash = decodeBase58((await bank.readBlockhash()) ?? "") ?? NO_HASH;
    const sends = workload.create(ROUND, blockhash).map((wire) => bank.prepare(wire));
    const startedAt = performance.now();
    for (let first = 0; first < ROUND; first += AT_ONCE)
      await Promise.all(sends.slice(first, first + AT_ONCE).map((send) => send()));
    return performance.now() - startedAt;
  };
  await runRound();
  const rates: number[] = [];
  for (let slice = 0; slice < slices; slice += 1) {
    let spentMs = 0;
    let rounds = 0;
    for (; spentMs < sliceMs; rounds += 1) spentMs += await runRound();
    rates.push(round((rounds * ROUND) / (spentMs / 1000)));
  }
  return {
    name: bank.name,
    tps: round(computeMedian(rates)),
    slices: rates,
    conditions: `SOL transfers without conflict, ${bank.how}, ${AT_ONCE} at once, signing not counted; in memory, not durable`,
  };
}

async function openDocumented(accounts: readonly KeyPair[]): Promise<Bank> {
  const owner = new PublicKey(SYSTEM_PROGRAM);
  const { banksClient } = await start(
    [],
    accounts.map(({ publicKey }) => ({
      address: new PublicKey(publicKey),
      info: { lamports: Number(START_LAMPORTS), data: new Uint8Array(), owner, executable: false },
    })),
  );
  return {
    name: "solana-bankrun",
    how: "processTransaction of a web3.js Transaction",
    readBlockhash: async () => (await banksClient.getLatestBlockhash())?.[0],
    prepare(wire) {
      const transaction = Transaction.from(wire);
      return () => banksClient.processTransaction(transaction);
    },
  };
}

async function openOnBytes(accounts: readonly KeyPair[]): Promise<Bank> {
  const { banksClient } = await startOnBytes(
    [],
    accounts.map(({ publicKey }) => [
      publicKey,
      new Account(START_LAMPORTS, new Uint8Array(), SYSTEM_PROGRAM, false, 0n),
    ]),
  );
  return {
    name: "solana-bankrun-bytes",
    how: "the undocumented class beneath it, which takes wire bytes",
    readBlockhash: async () => (await banksClient.getLatestBlockhash())?.blockhash,
    prepare: (wire) => () => banksClient.processLegacyTransaction(wire),
  };
}
