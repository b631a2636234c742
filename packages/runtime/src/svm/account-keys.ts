/** The well-known program and sysvar keys that the runtime treats specially, as map keys. */
import { decodeKey, invariant } from "@mira/primitives";
import { accountKey } from "../wire/index.ts";

export const LOADER_UPGRADEABLE = fromBase58("BPFLoaderUpgradeab1e11111111111111111111111");
export const NATIVE_LOADER = fromBase58("NativeLoader1111111111111111111111111111111");
export const ADDRESS_LOOKUP_TABLE = fromBase58("AddressLookupTab1e1111111111111111111111111");
export const SYSVAR_OWNER = fromBase58("Sysvar1111111111111111111111111111111111111");
export const SLOT_HASHES = fromBase58("SysvarS1otHashes111111111111111111111111111");
export const SYSTEM_PROGRAM = fromBase58("11111111111111111111111111111111");
const STAKE_PROGRAM = fromBase58("Stake11111111111111111111111111111111111111");
const STAKE_CONFIG = fromBase58("StakeConfig11111111111111111111111111111111");
const VOTE_PROGRAM = fromBase58("Vote111111111111111111111111111111111111111");

/**
 * Programs that no transaction may name: LiteSVM has no epochs, rewards or votes, so stake and vote would only look alive.
 * Mira stakes on its base ledger. The sequencer answers PROGRAM_REFUSED; here the receipt is a no-op.
 */
export const REFUSED_PROGRAMS: ReadonlySet<string> = new Set([STAKE_PROGRAM, STAKE_CONFIG, VOTE_PROGRAM]);

function fromBase58(text: string): string {
  const bytes = decodeKey(text);
  invariant(bytes !== undefined, () => `not a key: ${text}`);
  return accountKey(bytes);
}
