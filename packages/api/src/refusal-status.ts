/** Refusal <-> gRPC status: the canonical code, and google.rpc.ErrorInfo in the `grpc-status-details-bin` trailer. */
import { Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { isRefusalCode, REFUSAL_CODES, refuse, type Refusal, type RefusalDetails } from "@mira/primitives";
import {
  decodeStatusDetails,
  encodeStatusDetails,
  ERROR_DOMAIN,
  type StatusDetails,
} from "./error-details.ts";

const DETAILS_TRAILER = "grpc-status-details-bin";
/** Peers accept 8 KiB of headers by default, and binary trailers grow by a third in base64. */
const DETAILS_BYTES_MAX = 4096;
const MESSAGE_CHARACTERS_MAX = 512;
const VALUE_CHARACTERS_MAX = 512;
/** AIP-193. */
const METADATA_KEY = /^[a-z][a-zA-Z0-9_-]{1,63}$/;
const RETRY_AFTER_MS_MAX = 24 * 60 * 60 * 1000;

export type RefusalStatus = {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
};

/** What a gRPC handler calls back with. */
export function refusalToStatus(refusal: Refusal): RefusalStatus {
  const code = status[REFUSAL_CODES[refusal.code].status];
  const message = refusal.message.toWellFormed().slice(0, MESSAGE_CHARACTERS_MAX).toWellFormed();
  const errorInfo = {
    reason: refusal.code,
    domain: ERROR_DOMAIN,
    metadata: toErrorMetadata(refusal.details),
  };
  const metadata = new Metadata();
  const retryAfterMs = findRetryAfterMs(refusal.details);
  metadata.set(DETAILS_TRAILER, Buffer.from(encodeStatusDetails({ code, message, errorInfo, retryAfterMs })));
  return { code, details: message, metadata };
}

/**
 * The refusal that a failed call carries. Undefined when it carries none: the network failed, the server has a bug, the
 * other side is not Mira, or it is newer than we are and refuses with a code that this registry lacks.
 */
export function statusToRefusal(
  error: Pick<ServiceError, "code" | "details" | "metadata">,
): Refusal | undefined {
  const details = readStatusDetails(error);
  const errorInfo = details?.errorInfo;
  if (errorInfo?.domain !== ERROR_DOMAIN || !isRefusalCode(errorInfo.reason)) return undefined;
  return refuse(errorInfo.reason, details?.message ?? error.details, errorInfo.metadata);
}

/** google.rpc.Status of any failed call, whoever sent it. */
export function readStatusDetails(error: Pick<ServiceError, "metadata">): StatusDetails | undefined {
  // grpc-js omits the metadata of some errors that it makes itself, whatever its types say.
  const metadata = error.metadata as Metadata | undefined;
  const bytes = metadata?.get(DETAILS_TRAILER)[0];
  return bytes === undefined ? undefined : decodeStatusDetails(Buffer.from(bytes));
}

/** How long a refusal asks to wait, within a day; undefined when it does not say. */
export function findRetryAfterMs(details: RefusalDetails): number | undefined {
  const retryAfterMs = Number(details["retryAfterMs"]);
  return retryAfterMs >= 0 && retryAfterMs <= RETRY_AFTER_MS_MAX ? retryAfterMs : undefined;
}

/** Keys as AIP-193 wants them, in order, until the trailer would be too large for peers with default limits. */
function toErrorMetadata(details: RefusalDetails): Record<string, string> {
  const metadata: Record<string, string> = {};
  let bytesLeft = DETAILS_BYTES_MAX - MESSAGE_CHARACTERS_MAX;
  for (const [name, text] of Object.entries(details)) {
    const key = toMetadataKey(name);
    const value = text.slice(0, VALUE_CHARACTERS_MAX).toWellFormed();
    bytesLeft -= Buffer.byteLength(key) + Buffer.byteLength(value);
    if (bytesLeft < 0) break;
    metadata[key] = value;
  }
  return metadata;
}

function toMetadataKey(name: string): string {
  return METADATA_KEY.test(name) ? name : `x_${name.replaceAll(/[^a-zA-Z0-9_-]/g, "_")}`.slice(0, 64);
}
