/** Which runtime produced a result: whatever can change a single byte of it is hashed into the id. */
import { CanonicalWriter, sha256 } from "@mira/primitives";
import { accountKeyBytes, type AccountValue } from "../wire/index.ts";
import { LITESVM_VERSION, LOG_BYTES_MAX, SLOTS_PER_EPOCH } from "./litesvm.ts";
import { REFUSED_PROGRAMS, SYSVAR_OWNER } from "./account-keys.ts";

/** Our own rules around the VM: no-op receipts, program visibility, sysvars. Raised whenever one of them changes. */
const RULES_VERSION = 1;

/** Feature gates are accounts and so are programs: hashing the accounts of an empty VM covers both. Sysvars follow the header. */
export function computeRuntimeId(accounts: ReadonlyMap<string, AccountValue>): Uint8Array {
  const writer = new CanonicalWriter().text("mira:runtime-id:v1").text(LITESVM_VERSION);
  writer.u32(RULES_VERSION).u32(LOG_BYTES_MAX).u32(SLOTS_PER_EPOCH);
  for (const key of [...REFUSED_PROGRAMS].sort()) writer.fixed(accountKeyBytes(key), 32);
  const sysvarOwner = accountKeyBytes(SYSVAR_OWNER);
  for (const [key, value] of [...accounts].sort(([left], [right]) => (left < right ? -1 : 1)))
    if (Buffer.compare(value.owner, sysvarOwner) !== 0)
      writer
        .fixed(accountKeyBytes(key), 32)
        .fixed(value.owner, 32)
        .u64(value.lamports)
        .bytes(sha256(value.data));
  return sha256(writer.finish());
}
