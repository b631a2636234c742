/**
 * The three messages of google.rpc that every refusal travels in: Status, ErrorInfo and RetryInfo. Written by hand on the
 * wire format because google.rpc is not ours to version. https://github.com/googleapis/googleapis/tree/master/google/rpc
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

export const ERROR_DOMAIN = "mira.dev";
const ERROR_INFO_TYPE = "type.googleapis.com/google.rpc.ErrorInfo";
const RETRY_INFO_TYPE = "type.googleapis.com/google.rpc.RetryInfo";

type ErrorInfo = {
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
};

export type StatusDetails = {
  /** Canonical status number. */
  readonly code: number;
  readonly message: string;
  readonly errorInfo: ErrorInfo | undefined;
  readonly retryAfterMs: number | undefined;
};

/** Bytes of google.rpc.Status. */
export function encodeStatusDetails(status: StatusDetails): Uint8Array {
  const writer = new BinaryWriter();
  writer.uint32(tag(1)).int32(status.code);
  writer.uint32(tag(2, WireType.LengthDelimited)).string(status.message);
  if (status.errorInfo !== undefined) writeAny(writer, ERROR_INFO_TYPE, encodeErrorInfo(status.errorInfo));
  if (status.retryAfterMs !== undefined)
    writeAny(writer, RETRY_INFO_TYPE, encodeRetryInfo(status.retryAfterMs));
  return writer.finish();
}

/** Undefined for bytes that are no google.rpc.Status; details of unknown types are skipped. */
export function decodeStatusDetails(bytes: Uint8Array): StatusDetails | undefined {
  try {
    return readStatus(bytes);
  } catch {
    return undefined;
  }
}

function readStatus(bytes: Uint8Array): StatusDetails {
  let code = 0;
  let message = "";
  let errorInfo: ErrorInfo | undefined;
  let retryAfterMs: number | undefined;
  readFields(bytes, {
    1: (reader) => (code = reader.int32()),
    2: (reader) => (message = reader.string()),
    3: (reader) => {
      const detail = readAny(reader.bytes());
      if (detail.type === ERROR_INFO_TYPE) errorInfo = readErrorInfo(detail.value);
      if (detail.type === RETRY_INFO_TYPE) retryAfterMs = readRetryInfo(detail.value);
    },
  });
  return { code, message, errorInfo, retryAfterMs };
}

function encodeErrorInfo(info: ErrorInfo): Uint8Array {
  const writer = new BinaryWriter();
  writer.uint32(tag(1, WireType.LengthDelimited)).string(info.reason);
  writer.uint32(tag(2, WireType.LengthDelimited)).string(info.domain);
  for (const [key, value] of Object.entries(info.metadata)) {
    writer.uint32(tag(3, WireType.LengthDelimited)).fork();
    writer.uint32(tag(1, WireType.LengthDelimited)).string(key);
    writer.uint32(tag(2, WireType.LengthDelimited)).string(value).join();
  }
  return writer.finish();
}

function readErrorInfo(bytes: Uint8Array): ErrorInfo {
  let reason = "";
  let domain = "";
  const metadata: Record<string, string> = {};
  readFields(bytes, {
    1: (reader) => (reason = reader.string()),
    2: (reader) => (domain = reader.string()),
    3: (reader) => {
      const [key, value] = readTexts(reader.bytes());
      metadata[key] = value;
    },
  });
  return { reason, domain, metadata };
}

/** RetryInfo holds one google.protobuf.Duration { seconds = 1; nanos = 2; }. */
function encodeRetryInfo(retryAfterMs: number): Uint8Array {
  const writer = new BinaryWriter().uint32(tag(1, WireType.LengthDelimited)).fork();
  writer.uint32(tag(1)).int64(Math.floor(retryAfterMs / 1000));
  writer.uint32(tag(2)).int32(Math.round(retryAfterMs % 1000) * 1_000_000);
  return writer.join().finish();
}

function readRetryInfo(bytes: Uint8Array): number {
  let durationMs = 0;
  readFields(bytes, {
    1: (reader) =>
      readFields(reader.bytes(), {
        1: (duration) => (durationMs += Number(duration.int64()) * 1000),
        2: (duration) => (durationMs += duration.int32() / 1_000_000),
      }),
  });
  return durationMs;
}

function writeAny(writer: BinaryWriter, type: string, value: Uint8Array): void {
  writer.uint32(tag(3, WireType.LengthDelimited)).fork();
  writer.uint32(tag(1, WireType.LengthDelimited)).string(type);
  writer.uint32(tag(2, WireType.LengthDelimited)).bytes(value).join();
}

function readAny(bytes: Uint8Array): { type: string; value: Uint8Array } {
  let type = "";
  let value: Uint8Array = new Uint8Array();
  readFields(bytes, { 1: (reader) => (type = reader.string()), 2: (reader) => (value = reader.bytes()) });
  return { type, value };
}

function readTexts(bytes: Uint8Array): [string, string] {
  let first = "";
  let second = "";
  readFields(bytes, { 1: (reader) => (first = reader.string()), 2: (reader) => (second = reader.string()) });
  return [first, second];
}

type FieldReaders = Readonly<Record<number, (reader: BinaryReader) => unknown>>;

function readFields(bytes: Uint8Array, fields: FieldReaders): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const read = fields[number];
    if (read === undefined) reader.skip(wireType, number);
    else read(reader);
  }
}

function tag(field: number, wireType: WireType = WireType.Varint): number {
  return (field << 3) | wireType;
}
