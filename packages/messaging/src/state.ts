/** Figures about streams and consumers, for health, metrics and the relay. */
import { parseUnixMs } from "@mira/primitives";
import type { UnixMs } from "@mira/primitives";
import { findStream } from "./reconcile.ts";
import type { Session } from "./session.ts";

export type StreamState = {
  readonly createdAt: UnixMs;
  readonly messages: number;
  readonly bytes: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
};

export type ConsumerState = {
  /** Not yet delivered once. */
  readonly pending: number;
  /** Delivered and not answered. */
  readonly unanswered: number;
  readonly redelivered: number;
};

export async function readStreamState(
  { manager }: Session,
  stream: string,
): Promise<StreamState | undefined> {
  const info = await findStream(manager.streams, stream);
  if (info === undefined) return undefined;
  return {
    createdAt: parseUnixMs(Date.parse(info.created)),
    messages: info.state.messages,
    bytes: info.state.bytes,
    firstSequence: info.state.first_seq,
    lastSequence: info.state.last_seq,
  };
}

export async function readConsumerState(
  { manager }: Session,
  stream: string,
  durable: string,
): Promise<ConsumerState> {
  const info = await manager.consumers.info(stream, durable);
  return { pending: info.num_pending, unanswered: info.num_ack_pending, redelivered: info.num_redelivered };
}
