/** Authority epochs as event streams `authority-<owner>`. */
import { events } from "@mira/api";
import { createRepository, type EncodedEvent, type EventStore } from "@mira/event-store";
import { encodeBase58, InvariantViolation, parseUnixMs, succeed } from "@mira/primitives";
import type { Authority } from "../domain/session.ts";
import type { Authorities, AuthorityEvent } from "../ports.ts";
import { NEVER_ADVANCED, writeAuthority } from "./authority-table.ts";

export function openAuthorities(store: EventStore): Authorities {
  const repository = createRepository<Authority, AuthorityEvent>({
    store,
    category: "authority",
    initialState: NEVER_ADVANCED,
    evolve: (_authority, { epoch, at }) => ({ epoch, advancedAt: at }),
    encode,
    decode,
    subjectOf: () => "mira.sessions.authority.advanced.v1",
    project: async (client, { state, events: [first] }) => {
      if (first !== undefined) await writeAuthority(client, first.owner, state);
    },
  });
  return {
    advance: async (owner, decide) => {
      const handled = await repository.handle(encodeBase58(owner), decide);
      return handled.ok ? succeed(handled.value.state) : handled;
    },
  };
}

function encode({ type, owner, epoch, at, intent }: AuthorityEvent): EncodedEvent {
  const message = { owner, epoch: BigInt(epoch), atMs: BigInt(at), intent };
  return { type, schemaVersion: 1, payload: events.AuthorityAdvanced.encode(message).finish() };
}

function decode({ payload }: EncodedEvent): AuthorityEvent {
  const { owner, epoch, atMs, intent } = events.AuthorityAdvanced.decode(payload);
  if (intent === undefined) throw new InvariantViolation("a stored authority event lacks its intent");
  return { type: "AuthorityAdvanced", owner, epoch: Number(epoch), at: parseUnixMs(atMs), intent };
}
