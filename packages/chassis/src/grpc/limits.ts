/** Limits that both ends of a connection share. */
import { Metadata, type ChannelOptions } from "@grpc/grpc-js";

/** A batch of 1,024 transactions of 1,232 bytes is 1.3 MB; a settled batch with logs stays below this. */
export const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;
export const DEFAULT_DEADLINE_MS = 10_000;
/** HTTP/2's own 64 KiB makes a 1 MB request wait for sixteen round trips. */
const FLOW_CONTROL_WINDOW_BYTES = 4 * 1024 * 1024;
/** MB; past it Node closes streams with ENHANCE_YOUR_CALM. */
const SESSION_MEMORY_MAX_MB = 1024;
const KEEPALIVE_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;

export const TRANSPORT_OPTIONS: ChannelOptions = {
  "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
  "grpc.max_send_message_length": MESSAGE_BYTES_MAX,
  "grpc-node.max_session_memory": SESSION_MEMORY_MAX_MB,
  "grpc-node.flow_control_window": FLOW_CONTROL_WINDOW_BYTES,
  "grpc.keepalive_time_ms": KEEPALIVE_MS,
  "grpc.keepalive_timeout_ms": KEEPALIVE_TIMEOUT_MS,
  "grpc.keepalive_permit_without_calls": 1,
};

export const EMPTY_METADATA = new Metadata();
