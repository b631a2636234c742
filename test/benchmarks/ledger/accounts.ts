/** The accounts a load moves value between: keys from a name, so that every run and every process has the same. */
import type { FundedAccount } from "@mira/localnet";
import { createKeyPair, encodeUtf8, sha256, type KeyPair } from "@mira/primitives";

export const START_LAMPORTS = 10_000_000_000n;

export function createBenchAccounts(count: number, group = "account"): readonly KeyPair[] {
  return Array.from({ length: count }, (_, index) =>
    createKeyPair(sha256(encodeUtf8(`mira-benchmark:${group}:${index}`))),
  );
}

export function fund(keys: readonly Uint8Array[]): FundedAccount[] {
  return keys.map((key) => ({ key, lamports: START_LAMPORTS }));
}
