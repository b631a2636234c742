/** What the ledger itself reads of System program instructions: transfers, and the mark of a durable nonce. */
import type { Lamports } from "@mira/primitives";
import { asBuffer, KEY_BYTES, keysEqual } from "./key.ts";
import { accountKeyOffset } from "./locks.ts";
import { findProgramKind, SYSTEM_PROGRAM } from "./programs.ts";
import type { DecodedTransaction, InstructionRange } from "./transaction.ts";

const TRANSFER = 2;
const TRANSFER_BYTES = 12;
const ADVANCE_NONCE_ACCOUNT = 4;

export type SystemTransfer = {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly lamports: Lamports;
};

export type SystemTransfers = {
  readonly transfers: readonly SystemTransfer[];
  /** Instructions that are neither a System transfer between static accounts nor of ComputeBudget. */
  readonly otherInstructions: number;
};

export function decodeSystemTransfers(decoded: DecodedTransaction, bytes: Uint8Array): SystemTransfers {
  const transfers: SystemTransfer[] = [];
  let otherInstructions = 0;
  for (const instruction of decoded.instructions) {
    const kind = findProgramKind(bytes, accountKeyOffset(decoded, instruction.programIdIndex));
    if (kind?.isComputeBudget === true) continue;
    const transfer = kind?.program === SYSTEM_PROGRAM ? findTransfer(decoded, bytes, instruction) : undefined;
    if (transfer === undefined) otherInstructions++;
    else transfers.push(transfer);
  }
  return { transfers, otherInstructions };
}

/** True when the first instruction is System AdvanceNonceAccount: the blockhash is then a nonce that never expires. */
export function usesDurableNonce(decoded: DecodedTransaction, bytes: Uint8Array): boolean {
  const first = decoded.instructions[0];
  if (first === undefined || first.dataLength < 4) return false;
  return (
    keysEqual(bytes, accountKeyOffset(decoded, first.programIdIndex), SYSTEM_PROGRAM, 0) &&
    asBuffer(bytes).readUInt32LE(first.dataOffset) === ADVANCE_NONCE_ACCOUNT
  );
}

/** Accounts that a lookup loads have no key in the bytes: such a transfer counts as another instruction. */
function findTransfer(
  decoded: DecodedTransaction,
  bytes: Uint8Array,
  instruction: InstructionRange,
): SystemTransfer | undefined {
  const { accountsOffset, accountsLength, dataOffset, dataLength } = instruction;
  if (dataLength !== TRANSFER_BYTES || accountsLength < 2) return undefined;
  const buffer = asBuffer(bytes);
  if (buffer.readUInt32LE(dataOffset) !== TRANSFER) return undefined;
  const from = buffer.readUInt8(accountsOffset);
  const to = buffer.readUInt8(accountsOffset + 1);
  if (from >= decoded.accountKeyCount || to >= decoded.accountKeyCount) return undefined;
  return {
    from: keyAt(decoded, bytes, from),
    to: keyAt(decoded, bytes, to),
    lamports: buffer.readBigUInt64LE(dataOffset + 4) as Lamports,
  };
}

function keyAt(decoded: DecodedTransaction, bytes: Uint8Array, index: number): Uint8Array {
  const offset = accountKeyOffset(decoded, index);
  return bytes.subarray(offset, offset + KEY_BYTES);
}
