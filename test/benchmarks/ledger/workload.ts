/** What a workload gives the generator: any number of signed transactions, no two alike. */
import type { KeyPair } from "@mira/primitives";
import type { SvmAccount } from "./raw.ts";

export type WorkloadName = "sol" | "spl" | "hot" | "zipf3" | "heavy";

export type Workload = {
  readonly name: WorkloadName;
  /** Who conflicts with whom, in words for the report. */
  readonly conflicts: string;
  readonly create: (count: number, blockhash: Uint8Array) => Buffer[];
  /** What the bare VM needs beside the funded accounts before it can run them. */
  readonly prepared: readonly SvmAccount[];
};

/** Where a workload stands among its accounts: payers come round in turn, and every transaction has a number of its own. */
export type Turn = { readonly number: bigint; readonly payer: KeyPair; readonly payerIndex: number };

export function createTurns(accounts: readonly KeyPair[]): () => Turn {
  let turns = 0;
  return () => {
    const payerIndex = turns % accounts.length;
    turns += 1;
    const payer = accounts[payerIndex];
    if (payer === undefined) throw new RangeError("a workload needs accounts");
    return { number: BigInt(turns), payer, payerIndex };
  };
}

/** Any index below `count` but one. */
export function pickOther(count: number, than: number, random: () => number): number {
  const picked = Math.floor(random() * (count - 1));
  return picked < than ? picked : picked + 1;
}
