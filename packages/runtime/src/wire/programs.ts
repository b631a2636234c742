/** Programs and accounts whose keys have a meaning of their own to the ledger. */
import { decodeKey, InvariantViolation } from "@mira/primitives";
import { accountKey, keysEqual } from "./key.ts";

function key(text: string): Uint8Array {
  const bytes = decodeKey(text);
  if (bytes === undefined) throw new InvariantViolation(`not a key: ${text}`);
  return bytes;
}

export const SYSTEM_PROGRAM = new Uint8Array(32);
const COMPUTE_BUDGET_PROGRAM = key("ComputeBudget111111111111111111111111111111");
const ED25519_PROGRAM = key("Ed25519SigVerify111111111111111111111111111");
const SECP256K1_PROGRAM = key("KeccakSecp256k11111111111111111111111111111");
const SECP256R1_PROGRAM = key("Secp256r1SigVerify1111111111111111111111111");
const LOADER_V1 = key("BPFLoader1111111111111111111111111111111111");
const LOADER_V2 = key("BPFLoader2111111111111111111111111111111111");
const LOADER_V3 = key("BPFLoaderUpgradeab1e11111111111111111111111");
const LOADER_V4 = key("LoaderV411111111111111111111111111111111111");

/** A program invoked while this key is among the accounts may be written: that is how it is upgraded. */
export const UPGRADEABLE_LOADER_KEY = accountKey(LOADER_V3);

/** What the fee rule knows of a program. */
export type ProgramKind = {
  readonly program: Uint8Array;
  /** Its instructions reserve 3,000 units instead of 200,000. */
  readonly isBuiltin: boolean;
  /** Its instructions carry signatures, counted in their first byte and paid for. */
  readonly isPrecompile: boolean;
  readonly isComputeBudget: boolean;
};

const KINDS: readonly ProgramKind[] = [
  { program: SYSTEM_PROGRAM, isBuiltin: true, isPrecompile: false, isComputeBudget: false },
  { program: COMPUTE_BUDGET_PROGRAM, isBuiltin: true, isPrecompile: false, isComputeBudget: true },
  { program: ED25519_PROGRAM, isBuiltin: true, isPrecompile: true, isComputeBudget: false },
  { program: SECP256K1_PROGRAM, isBuiltin: true, isPrecompile: true, isComputeBudget: false },
  { program: SECP256R1_PROGRAM, isBuiltin: false, isPrecompile: true, isComputeBudget: false },
  { program: LOADER_V1, isBuiltin: true, isPrecompile: false, isComputeBudget: false },
  { program: LOADER_V2, isBuiltin: true, isPrecompile: false, isComputeBudget: false },
  { program: LOADER_V3, isBuiltin: true, isPrecompile: false, isComputeBudget: false },
  { program: LOADER_V4, isBuiltin: true, isPrecompile: false, isComputeBudget: false },
];
const KINDS_BY_FIRST_BYTE = Array.from({ length: 256 }, (_, byte) =>
  KINDS.filter(({ program }) => program[0] === byte),
);

/** undefined for a program without a special meaning. */
export function findProgramKind(bytes: Uint8Array, offset: number): ProgramKind | undefined {
  const candidates = KINDS_BY_FIRST_BYTE[bytes[offset] ?? 0];
  if (candidates === undefined) return undefined;
  for (const kind of candidates) if (keysEqual(bytes, offset, kind.program, 0)) return kind;
  return undefined;
}

/** Accounts that no transaction may write: agave's reserved keys, whose write locks become read locks. */
export const RESERVED_KEYS: ReadonlySet<string> = new Set(
  [
    ...KINDS.map(({ program }) => program),
    ...[
      "AddressLookupTab1e1111111111111111111111111",
      "Config1111111111111111111111111111111111111",
      "Feature111111111111111111111111111111111111",
      "NativeLoader1111111111111111111111111111111",
      "Stake11111111111111111111111111111111111111",
      "StakeConfig11111111111111111111111111111111",
      "Vote111111111111111111111111111111111111111",
      "ZkE1Gama1Proof11111111111111111111111111111",
      "ZkTokenProof1111111111111111111111111111111",
      "Sysvar1111111111111111111111111111111111111",
      "SysvarC1ock11111111111111111111111111111111",
      "SysvarEpochRewards1111111111111111111111111",
      "SysvarEpochSchedu1e111111111111111111111111",
      "SysvarFees111111111111111111111111111111111",
      "Sysvar1nstructions1111111111111111111111111",
      "SysvarLastRestartS1ot1111111111111111111111",
      "SysvarRecentB1ockHashes11111111111111111111",
      "SysvarRent111111111111111111111111111111111",
      "SysvarRewards111111111111111111111111111111",
      "SysvarS1otHashes111111111111111111111111111",
      "SysvarS1otHistory11111111111111111111111111",
      "SysvarStakeHistory1111111111111111111111111",
    ].map(key),
  ].map((bytes) => accountKey(bytes)),
);
