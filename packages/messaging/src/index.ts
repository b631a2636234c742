/** JetStream: declared streams and consumers, outbox relay, idempotent consumers, parked poison, trace headers. */
export { connectMessaging } from "./connect.ts";
export type { ConnectOptions, Messaging } from "./connect.ts";
export type { BatchHandler, ConsumeOptions } from "./consume.ts";
export type { ConsumerDeclaration, StreamDeclaration, Topology } from "./declarations.ts";
export type { Delivered } from "./delivered.ts";
export {
  ConsumerNotDeclared,
  DeclarationMismatch,
  MessagingUnavailable,
  PublishFailed,
  ServerTooOld,
} from "./errors.ts";
export type { Difference } from "./errors.ts";
export type { FollowOptions, Followed } from "./follow.ts";
export type { HoldOptions } from "./hold.ts";
export { HEADER } from "./headers.ts";
export type { Headers } from "./headers.ts";
export { consumeIdempotent } from "./idempotent.ts";
export type { ConsumeIdempotentOptions } from "./idempotent.ts";
export type { IdempotenceStore, Logger, OutboxStore, StoredOutboxMessage } from "./ports.ts";
export type { OutgoingMessage, PublishManyOptions, PublishOptions, Published } from "./publish.ts";
export { rebuildStreams } from "./rebuild.ts";
export type { RebuildOptions, Rebuilt } from "./rebuild.ts";
export type { Declared } from "./reconcile.ts";
export { startRelay } from "./relay.ts";
export type { Relay, RelayOptions } from "./relay.ts";
export type { ConsumerState, StreamState } from "./state.ts";
export type { ProcessParent } from "./telemetry.ts";
export { STREAM, SUBJECT, parkedSubject } from "./topology.ts";
export { extractContext, injectContext } from "./trace-context.ts";
export { isTransient } from "./transient.ts";
