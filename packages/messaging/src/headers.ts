/** Names of the headers that Mira puts on messages, and the way between plain records and NATS headers. */
import { headers as createHeaders } from "@nats-io/transport-node";
import type { MsgHdrs } from "@nats-io/transport-node";

export const HEADER = {
  /** Makes a second publication of the same message within the stream's duplicate window a no-op. */
  messageId: "Nats-Msg-Id",
  type: "Mira-Type",
  schemaVersion: "Mira-Schema-Version",
  /** On work handed out again: executors, comma-separated, who must leave it to others. */
  excludedExecutors: "Mira-Excluded-Executors",
  parkedReason: "Mira-Parked-Reason",
  parkedStream: "Mira-Parked-Stream",
  parkedConsumer: "Mira-Parked-Consumer",
  parkedSubject: "Mira-Parked-Subject",
  parkedSequence: "Mira-Parked-Sequence",
  parkedDeliveries: "Mira-Parked-Deliveries",
  parkedMessageId: "Mira-Parked-Message-Id",
} as const;

export type Headers = Readonly<Record<string, string>>;

/** A header of one line: what would end the line becomes a space. */
export function encodeHeaders(headers: Headers): MsgHdrs {
  const encoded = createHeaders();
  for (const [name, value] of Object.entries(headers)) encoded.set(name, value.replaceAll(/[\r\n]+/g, " "));
  return encoded;
}

/** Of a name that occurs more than once, the first value. Names keep the case they were sent in. */
export function decodeHeaders(headers: MsgHdrs | undefined): Headers {
  if (headers === undefined) return {};
  return Object.fromEntries(headers.keys().map((name) => [name, headers.get(name)]));
}
