/** Refusal <-> mira.types.v1.Refusal: for answers that carry many outcomes, of which some are a "no". */
import { isRefusalCode, refuse, type Refusal } from "@mira/primitives";
import type { Refusal as RefusalMessage } from "./gen/mira/types/v1/types.ts";

export function refusalToMessage(refusal: Refusal): RefusalMessage {
  return { code: refusal.code, message: refusal.message, details: { ...refusal.details } };
}

/** Undefined when the code is not in this version's registry. */
export function messageToRefusal(message: RefusalMessage): Refusal | undefined {
  return isRefusalCode(message.code) ? refuse(message.code, message.message, message.details) : undefined;
}
