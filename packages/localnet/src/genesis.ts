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

/** Lines of one piece of the file: a million lines, one by one, would take longer to write than to make. */
const LINES_TOGETHER = 1_000;

/**
 * The file that settlement reads at its very first start, in pieces: a first line with the number of accounts and the allocations, then
 * one account a line, ascending by key.
 */
export function* formatGenesis(extra: readonly FundedAccount[] = []): Generator<string> {
  const funded = [
    { key: createDevKey(FAUCET).publicKey, lamports: FAUCET_LAMPORTS },
    ...DEV_ACCOUNTS.map((name) => ({ key: createDevKey(name).publicKey, lamports: DEV_LAMPORTS })),
    ...extra,
  ].sort((left, right) => Buffer.compare(left.key, right.key));
  const owners = [...DEV_ACCOUNTS, ...VALIDATORS.map(operatorOf)];
  const allocations = owners.map((name) => ({
    account: `owner/${encodeBase58(createDevKey(name).publicKey)}`,
    units: String(DEV_UNITS),
  }));
  yield `${JSON.stringify({ genesis: 2, accounts: funded.length, allocations })}\n`;
  for (let at = 0; at < funded.length; at += LINES_TOGETHER)
    yield funded
      .slice(at, at + LINES_TOGETHER)
      .map(formatAccount)
      .join("");
}

function formatAccount({ key, lamports }: FundedAccount): string {
  return `${JSON.stringify({ key: encodeBase58(key), lamports: String(lamports) })}\n`;
}
