/** An append as it is stored: its events, and the outbox messages that go with them, each packed into one value of a row. */
import type { Sized } from "./bind-message.ts";
import type { Append } from "./model.ts";
import { planEvents, writeEvents } from "./packed-events.ts";
import { planOutbox, writeOutbox } from "./packed-outbox.ts";

export type PackedAppend = {
  /** In the order in which the events refer to them. */
  readonly types: readonly string[];
  readonly payloadBytes: number;
  readonly events: Sized;
  readonly outboxCount: number;
  readonly outbox: Sized | undefined;
};

/** Sizes now; the bytes when the append leaves. */
export function packAppend({ events, outbox = [] }: Append): PackedAppend {
  const plan = planEvents(events);
  return {
    types: [...plan.types.keys()],
    payloadBytes: plan.payloadBytes,
    events: { size: plan.size, write: (bytes, at) => writeEvents(bytes, at, plan) },
    outboxCount: outbox.length,
    outbox: outbox.length === 0 ? undefined : toSized(planOutbox(outbox, events)),
  };
}

function toSized(plan: ReturnType<typeof planOutbox>): Sized {
  return { size: plan.size, write: (bytes, at) => writeOutbox(bytes, at, plan) };
}
