/**
 * The log dictionary: each distinct list of log lines once, in the order of first use. Most transactions of a batch say
 * the same thing, so their receipts share an entry.
 */
import { invariant } from "@mira/primitives";
import type { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

/** The count of lines, which an empty entry has too. */
const ENTRY_BYTES_MIN = 2;

/** Collects the entries while receipts are written; `write` comes after the last of them. */
export class LogsWriter {
  readonly #entries = new ByteWriter(4096);
  readonly #references = new Map<string, number>();

  /** Reference of these lines, the same for the same lines. */
  referenceTo(lines: readonly string[]): number {
    const start = this.#entries.length;
    this.#entries.u16(lines.length);
    for (const line of lines) this.#entries.text16(line);
    return this.#keep(start);
  }

  /** Reference of an entry that is packed already. */
  referenceToEntry(source: Buffer, start: number, end: number): number {
    const at = this.#entries.length;
    this.#entries.range(source, start, end);
    return this.#keep(at);
  }

  write(writer: ByteWriter): void {
    writer.u32(this.#references.size);
    writer.bytes(this.#entries.finish());
  }

  /** Keeps the entry just appended, or takes it back when it is known. */
  #keep(start: number): number {
    const entry = this.#entries.text(start, this.#entries.length);
    const known = this.#references.get(entry);
    if (known !== undefined) {
      this.#entries.truncate(start);
      return known;
    }
    const reference = this.#references.size;
    this.#references.set(entry, reference);
    return reference;
  }
}

/** Where each entry stands. */
export class LogsView {
  readonly bytes: Buffer;
  readonly count: number;
  readonly #starts: Uint32Array;

  constructor(bytes: Buffer, starts: Uint32Array) {
    this.bytes = bytes;
    this.count = starts.length - 1;
    this.#starts = starts;
  }

  start(reference: number): number {
    const start = this.#starts[reference];
    invariant(start !== undefined, () => `needed a log entry of ${this.count}, got ${reference}`);
    return start;
  }

  end(reference: number): number {
    return this.start(reference + 1);
  }

  lines(reference: number): string[] {
    let at = this.start(reference);
    const count = this.bytes.readUInt16LE(at);
    at += 2;
    const lines: string[] = [];
    for (let index = 0; index < count; index++) {
      const length = this.bytes.readUInt16LE(at);
      lines.push(this.bytes.toString("utf8", at + 2, at + 2 + length));
      at += 2 + length;
    }
    return lines;
  }
}

/** Exactly `entriesUsed` entries, each of them once. */
export function readLogs(reader: ByteReader, entriesUsed: number): LogsView {
  const count = reader.count("log entries", ENTRY_BYTES_MIN);
  if (count !== entriesUsed)
    reader.fail("log entries", `the ${entriesUsed} that receipts refer to`, String(count));
  const starts = new Uint32Array(count + 1);
  const seen = new Set<string>();
  for (let index = 0; index < count; index++) {
    starts[index] = reader.at;
    seen.add(skipEntry(reader));
  }
  if (seen.size !== count) reader.fail("log entries", `${count} different ones`, String(seen.size));
  starts[count] = reader.at;
  return new LogsView(reader.buffer, starts);
}

function skipEntry(reader: ByteReader): string {
  const start = reader.at;
  const lines = reader.u16("log lines");
  for (let index = 0; index < lines; index++) reader.skipText16("log line");
  return reader.buffer.toString("latin1", start, reader.at);
}
