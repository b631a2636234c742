/** Generated messages, stubs and clients by service, and the mapping between refusals and gRPC statuses. */
import { fileURLToPath } from "node:url";

export * as events from "./gen/mira/events/v1/events.ts";
export * as executor from "./gen/mira/executor/v1/executor.ts";
export * as sequencer from "./gen/mira/sequencer/v1/sequencer.ts";
export * as sessions from "./gen/mira/sessions/v1/sessions.ts";
export * as settlement from "./gen/mira/settlement/v1/settlement.ts";
export * as staking from "./gen/mira/staking/v1/staking.ts";
export * as types from "./gen/mira/types/v1/types.ts";
export * as verifier from "./gen/mira/verifier/v1/verifier.ts";
export * from "./evidence-message.ts";
export * from "./refusal-message.ts";
export * from "./refusal-status.ts";
export { ERROR_DOMAIN } from "./error-details.ts";

/** A FileDescriptorSet of every contract, as reflection serves it. */
export const descriptorsPath = fileURLToPath(new URL("./gen/descriptors.binpb", import.meta.url));
