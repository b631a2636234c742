/**
 * The Bind message of Postgres's extended query protocol, written once, in place: the driver would build each parameter, copy it into
 * a buffer that grows by copying, and leave both to the garbage collector. What is large knows its size and writes itself.
 */
import { invariant } from "@mira/primitives";

/** In Postgres's binary format. */
export type Sized = {
  readonly size: number;
  /** Writes exactly `size` bytes and returns where it ends. */
  readonly write: (bytes: Buffer, at: number) => number;
};

/** Text, or Postgres's binary format. */
export type Parameter = Sized | Buffer | string | number | bigint | undefined;

const HEAD_BYTES = 5;
/** One result format for all columns: text. */
const TAIL_BYTES = 4;
const CODE = "B".charCodeAt(0);
const NULL_LENGTH = -1;

type Written = { readonly format: 0 | 1; readonly size: number; readonly write: Sized["write"] };

export function encodeBind(
  statement: string,
  parameters: readonly Parameter[],
  take: (size: number) => Buffer,
): Buffer {
  const written = parameters.map(toWritten);
  const size = measure(statement, written);
  const bytes = take(size);
  bytes[0] = CODE;
  let at = bytes.writeInt32BE(size - 1, 1);
  bytes[at] = 0;
  at += 1 + bytes.write(statement, at + 1);
  bytes[at] = 0;
  at = bytes.writeInt16BE(written.length, at + 1);
  for (const parameter of written) at = bytes.writeInt16BE(parameter?.format ?? 0, at);
  at = bytes.writeInt16BE(written.length, at);
  for (const parameter of written) at = writeParameter(bytes, at, parameter);
  at = bytes.writeInt16BE(1, at);
  at = bytes.writeInt16BE(0, at);
  invariant(at === size, "a parameter takes the room it asked for");
  return bytes;
}

function measure(statement: string, written: ReadonlyArray<Written | undefined>): number {
  let size = HEAD_BYTES + 1 + Buffer.byteLength(statement) + 1 + 4 + TAIL_BYTES;
  for (const parameter of written) size += 2 + 4 + (parameter?.size ?? 0);
  return size;
}

function writeParameter(bytes: Buffer, start: number, parameter: Written | undefined): number {
  const at = bytes.writeInt32BE(parameter?.size ?? NULL_LENGTH, start);
  return parameter === undefined ? at : parameter.write(bytes, at);
}

function toWritten(parameter: Parameter): Written | undefined {
  if (parameter === undefined) return undefined;
  if (Buffer.isBuffer(parameter)) return { format: 1, size: parameter.length, write: copyFrom(parameter) };
  if (typeof parameter === "object") return { format: 1, size: parameter.size, write: parameter.write };
  const text = String(parameter);
  return {
    format: 0,
    size: Buffer.byteLength(text),
    write: (bytes, at) => at + bytes.write(text, at),
  };
}

function copyFrom(source: Buffer): Sized["write"] {
  return (bytes, at) => at + source.copy(bytes, at);
}
