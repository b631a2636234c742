/**
 * Legacy Solana transactions with one signature from a template: the message is laid out once, and per transaction only keys,
 * blockhash and numbers are written into a copy of it. A general encoder costs more than executing the transaction.
 */
import { encodeTransaction, type FixtureInstruction } from "@mira/runtime/fixtures";

export type MessageTemplate = {
  readonly wire: Buffer;
  readonly blockhashOffset: number;
  readonly offsetOf: (marker: Uint8Array) => number;
};

/** One signature, so: count, signature, message. */
export const MESSAGE_OFFSET = 1 + 64;

/** `blockhash` and every key that differs from transaction to transaction MUST be a marker: bytes that occur once in the message. */
export function createTemplate(content: {
  readonly payer: Uint8Array;
  readonly blockhash: Uint8Array;
  readonly instructions: FixtureInstruction[];
}): MessageTemplate {
  const wire = Buffer.from(encodeTransaction(content));
  if (wire[0] !== 1) throw new RangeError(`a template has one signer, this one ${wire[0] ?? 0}`);
  const offsetOf = (marker: Uint8Array): number => {
    const offset = wire.indexOf(marker, MESSAGE_OFFSET);
    if (offset < 0) throw new RangeError("the marker is not in the message");
    if (wire.indexOf(marker, offset + 1) >= 0) throw new RangeError("the marker is in the message twice");
    return offset;
  };
  return { wire, blockhashOffset: offsetOf(content.blockhash), offsetOf };
}

export type Sign = (message: Uint8Array) => Uint8Array;

/** A signed transaction: a copy of the template after `fill` has written into it. */
export function signFromTemplate(
  { wire, blockhashOffset }: MessageTemplate,
  blockhash: Uint8Array,
  sign: Sign,
  fill: (wire: Buffer) => void,
): Buffer {
  // Its own memory, not a piece of the pool: whoever keeps one must not keep all.
  const copy = Buffer.allocUnsafeSlow(wire.length);
  wire.copy(copy);
  copy.set(blockhash, blockhashOffset);
  fill(copy);
  copy.set(sign(copy.subarray(MESSAGE_OFFSET)), 1);
  return copy;
}
