/** ComputeBudget instructions, read as agave's compute-budget-instruction crate reads them. */
import { refuse, succeed, type Result } from "@mira/primitives";
import { asBuffer, KEY_BYTES } from "./key.ts";
import { findProgramKind } from "./programs.ts";
import type { DecodedTransaction, InstructionRange } from "./transaction.ts";

const UNITS_PER_INSTRUCTION = 200_000;
const UNITS_PER_BUILTIN_INSTRUCTION = 3_000;
const UNITS_MAX = 1_400_000;
const HEAP_BYTES_MIN = 32 * 1024;
const HEAP_BYTES_MAX = 256 * 1024;
const LOADED_ACCOUNTS_BYTES_MAX = 64 * 1024 * 1024;

export type ComputeBudget = {
  readonly unitLimit: number;
  readonly unitPriceMicroLamports: bigint;
  readonly heapBytes: number;
  readonly loadedAccountsBytesMax: number;
};

/** Refuses what the SVM refuses before any charge: unknown, short, repeated or out-of-range instructions. */
export function decodeComputeBudget(
  decoded: DecodedTransaction,
  bytes: Uint8Array,
): Result<ComputeBudget, "TRANSACTION_MALFORMED"> {
  const requested: Requested = {
    heapBytes: undefined,
    unitLimit: undefined,
    unitPrice: undefined,
    loadedBytes: undefined,
  };
  let defaultLimit = 0;
  for (const instruction of decoded.instructions) {
    const kind = findProgramKind(bytes, decoded.keysOffset + instruction.programIdIndex * KEY_BYTES);
    defaultLimit += kind?.isBuiltin === true ? UNITS_PER_BUILTIN_INSTRUCTION : UNITS_PER_INSTRUCTION;
    if (kind?.isComputeBudget !== true) continue;
    const problem = readRequest(requested, instruction, asBuffer(bytes));
    if (problem !== undefined)
      return refuse("TRANSACTION_MALFORMED", "A ComputeBudget instruction is invalid.", { problem });
  }
  return succeed({
    unitLimit: Math.min(requested.unitLimit ?? defaultLimit, UNITS_MAX),
    unitPriceMicroLamports: requested.unitPrice ?? 0n,
    heapBytes: requested.heapBytes ?? HEAP_BYTES_MIN,
    loadedAccountsBytesMax: Math.min(
      requested.loadedBytes ?? LOADED_ACCOUNTS_BYTES_MAX,
      LOADED_ACCOUNTS_BYTES_MAX,
    ),
  });
}

/** The units that the transaction may use; 0 when its ComputeBudget instructions are invalid. */
export function computeUnitLimit(decoded: DecodedTransaction, bytes: Uint8Array): number {
  const budget = decodeComputeBudget(decoded, bytes);
  return budget.ok ? budget.value.unitLimit : 0;
}

type Requested = {
  heapBytes: number | undefined;
  unitLimit: number | undefined;
  unitPrice: bigint | undefined;
  loadedBytes: number | undefined;
};

/** Borsh, as the SVM reads it: bytes after the argument are ignored. Answers the problem, if there is one. */
function readRequest(requested: Requested, instruction: InstructionRange, bytes: Buffer): string | undefined {
  const { dataOffset: at, dataLength: length } = instruction;
  if (length < 5) return `needed 5 bytes, got ${length}`;
  const tag = bytes[at];
  const argument = bytes.readUInt32LE(at + 1);
  switch (tag) {
    case 1:
      if (requested.heapBytes !== undefined) return "the heap is requested twice";
      requested.heapBytes = argument;
      return argument < HEAP_BYTES_MIN || argument > HEAP_BYTES_MAX || argument % 1024 !== 0
        ? `heap: needed ${HEAP_BYTES_MIN} to ${HEAP_BYTES_MAX} in steps of 1024, got ${argument}`
        : undefined;
    case 2:
      if (requested.unitLimit !== undefined) return "the unit limit is set twice";
      requested.unitLimit = argument;
      return undefined;
    case 3:
      if (length < 9) return `unit price: needed 9 bytes, got ${length}`;
      if (requested.unitPrice !== undefined) return "the unit price is set twice";
      requested.unitPrice = bytes.readBigUInt64LE(at + 1);
      return undefined;
    case 4:
      if (requested.loadedBytes !== undefined) return "the loaded data limit is set twice";
      requested.loadedBytes = argument;
      return argument === 0 ? "the loaded data limit is zero" : undefined;
    default:
      return `unknown instruction ${tag ?? "(none)"}`;
  }
}
