/** What a localnet begins with: SOL inside the runtime, MIRA on the base ledger. */
import { encodeBase58 } from "@mira/primitives";
import { createDevKey, DEV_ACCOUNTS, FAUCET, operatorOf, VALIDATORS } from "./dev-keys.ts";

const LAMPORTS_PER_SOL = 1_000_000_000n;
const UNITS_PER_MIRA = 1_000_000_000n;
const FAUCET_LAMPORTS = 10_000_000n * LAMPORTS_PER_SOL;
const DEV_LAMPORTS = 1_000n * LAMPORTS_PER_SOL;
const DEV_UNITS = 10_000n * UNITS_PER_MIRA;
/** What each validator's operator bonds at the start. */
export const BOND_UNITS = 1_000n * UNITS_PER_MIRA;

export type FundedAccount = { readonly key: Uint8Array; readonly lamports: bigint };

/** The JSON file that settlement reads once, at its very first start. */
export function formatGenesis(extra: readonly FundedAccount[] = []): string {
  const funded: readonly FundedAccount[] = [
    { key: createDevKey(FAUCET).publicKey, lamports: FAUCET_LAMPORTS },
    ...DEV_ACCOUNTS.map((name) => ({ key: createDevKey(name).publicKey, lamports: DEV_LAMPORTS })),
    ...extra,
  ];
  const owners = [...DEV_ACCOUNTS, ...VALIDATORS.map(operatorOf)];
  return JSON.stringify({
    accounts: funded.map(({ key, lamports }) => ({ key: encodeBase58(key), lamports: String(lamports) })),
    allocations: owners.map((name) => ({
      account: `owner/${encodeBase58(createDevKey(name).publicKey)}`,
      units: String(DEV_UNITS),
    })),
  });
}
