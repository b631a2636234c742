/** Instructions of the address lookup table program, as Solana's tools make them. */
import {
  LOOKUP_TABLE_PROGRAM,
  SYSTEM_PROGRAM,
  u32,
  u64,
  type FixtureInstruction,
} from "@mira/runtime/fixtures";
import { getAddressEncoder, getProgramDerivedAddress, type Address } from "@solana/kit";
import { addressOf } from "./transactions.fixture.ts";

export type NewTable = { readonly table: Uint8Array; readonly instruction: FixtureInstruction };

/** `recentSlot` MUST be among the last 512. */
export async function createTable(authority: Uint8Array, recentSlot: bigint): Promise<NewTable> {
  const [derived, bump] = await getProgramDerivedAddress({
    programAddress: addressOf(LOOKUP_TABLE_PROGRAM),
    seeds: [authority, u64(recentSlot)],
  });
  const table = toBytes(derived);
  return {
    table,
    instruction: {
      programId: LOOKUP_TABLE_PROGRAM,
      accounts: authorize(table, authority),
      data: Buffer.concat([u32(0), u64(recentSlot), Uint8Array.of(bump)]),
    },
  };
}

export function extendTable(
  table: Uint8Array,
  authority: Uint8Array,
  addresses: readonly Uint8Array[],
): FixtureInstruction {
  return {
    programId: LOOKUP_TABLE_PROGRAM,
    accounts: authorize(table, authority),
    data: Buffer.concat([u32(2), u64(BigInt(addresses.length)), ...addresses]),
  };
}

/** The table, its authority, who pays for its rent, and the program that moves the rent. */
function authorize(table: Uint8Array, authority: Uint8Array): FixtureInstruction["accounts"] {
  return [
    { key: table, isWritable: true },
    { key: authority, isSigner: true },
    { key: authority, isSigner: true, isWritable: true },
    { key: SYSTEM_PROGRAM },
  ];
}

function toBytes(value: Address): Uint8Array {
  return new Uint8Array(getAddressEncoder().encode(value));
}
