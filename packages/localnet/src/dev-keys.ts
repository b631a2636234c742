/** Development keys: the same in every localnet, known to everyone, and therefore worth nothing anywhere else. */
import { createKeyPair, encodeUtf8, sha256, type KeyPair } from "@mira/primitives";

export function createDevKey(name: string): KeyPair {
  return createKeyPair(sha256(encodeUtf8(`mira-localnet-key:v1:${name}`)));
}

/** Accounts with SOL inside the runtime and MIRA on the base ledger. */
export const DEV_ACCOUNTS = ["alice", "bob", "carol"] as const;
export const VALIDATORS = ["validator-1", "validator-2", "validator-3"] as const;
export const EXECUTORS = ["executor-1", "executor-2"] as const;
export const REEXECUTOR = "re-executor";
export const FAUCET = "faucet";
export const PROBE_AUTHOR = "probe-author";
export const SETTLEMENT = "settlement";
/** Signs certificates for the network. */
export const CERTIFICATES = "certificates";
export const BLOCKHASHES = "blockhashes";

export function operatorOf(validator: string): string {
  return `${validator}-operator`;
}
