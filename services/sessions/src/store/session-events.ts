/** Session events as stored and published bytes. */
import { events } from "@mira/api";
import { parseGrant, type Grant, type Reservation } from "@mira/authority";
import type { EncodedEvent } from "@mira/event-store";
import {
  decodeHex,
  decodeIntent,
  encodeBase58,
  encodeHex,
  InvariantViolation,
  parseLamports,
  parseSequenceNumber,
  parseUnixMs,
  unreachable,
  unwrap,
  type SignedIntent,
} from "@mira/primitives";
import type { SessionEvent } from "../domain/session.ts";
import { computeLimit, listRecipients, toKey } from "../domain/summary.ts";

const SCHEMA_VERSION = 1;

export function encodeSessionEvent(event: SessionEvent): EncodedEvent {
  return { type: event.type, schemaVersion: SCHEMA_VERSION, payload: encodePayload(event) };
}

function encodePayload(event: SessionEvent): Uint8Array {
  const { sessionId } = event;
  const atMs = BigInt(event.at);
  switch (event.type) {
    case "SessionGranted": {
      const { owner, text, grant, epoch } = event;
      const message = {
        sessionId,
        owner,
        sessionKey: toKey(grant.sessionKey),
        recipients: [...listRecipients(grant)],
        limitLamports: computeLimit(grant),
        parentId: grant.parent ?? "",
        epoch: BigInt(epoch),
        startsMs: BigInt(grant.startsAt),
        expiresMs: BigInt(grant.expiresAt),
        text,
        atMs,
        intent: toIntentMessage(event.intent),
      };
      return events.SessionGranted.encode(message).finish();
    }
    case "SessionAmended":
    case "SessionRevoked":
      return events[event.type]
        .encode({
          sessionId,
          by: event.by,
          atMs,
          intent: toIntentMessage(event.intent),
        })
        .finish();
    case "BudgetReserved":
      return events.BudgetReserved.encode({
        sessionId,
        messageHash: fromHex(event.messageHash),
        ...toAmounts(event.use),
        atMs,
      }).finish();
    case "BudgetCommitted":
      return events.BudgetCommitted.encode({
        sessionId,
        messageHash: fromHex(event.messageHash),
        ...toAmounts(event.outcome),
        succeeded: event.outcome.succeeded,
        sequenceNumber: BigInt(event.sequenceNumber),
        atMs,
      }).finish();
    case "BudgetReleased":
      return events.BudgetReleased.encode({
        sessionId,
        messageHash: fromHex(event.messageHash),
        lamports: event.lamports,
        reason: event.reason,
        atMs,
      }).finish();
    default:
      return unreachable(event);
  }
}

export function decodeSessionEvent({ type, payload }: EncodedEvent): SessionEvent {
  switch (type) {
    case "SessionGranted":
      return decodeGranted(payload);
    case "SessionAmended": {
      const { sessionId, by, atMs, intent } = events.SessionAmended.decode(payload);
      const signed = fromIntentMessage(intent);
      return { type, sessionId, by, at: parseUnixMs(atMs), intent: signed, grant: readGrant(signed, 1) };
    }
    case "SessionRevoked": {
      const { sessionId, by, atMs, intent } = events.SessionRevoked.decode(payload);
      return { type, sessionId, by, at: parseUnixMs(atMs), intent: fromIntentMessage(intent) };
    }
    case "BudgetReserved": {
      const { sessionId, messageHash, atMs, ...amounts } = events.BudgetReserved.decode(payload);
      const at = parseUnixMs(atMs);
      return {
        type,
        sessionId,
        messageHash: encodeHex(messageHash),
        use: { ...fromAmounts(amounts), at },
        at,
      };
    }
    case "BudgetCommitted": {
      const { sessionId, messageHash, sequenceNumber, atMs, succeeded, ...amounts } =
        events.BudgetCommitted.decode(payload);
      return {
        type,
        sessionId,
        messageHash: encodeHex(messageHash),
        outcome: { ...fromAmounts(amounts), succeeded },
        sequenceNumber: parseSequenceNumber(sequenceNumber),
        at: parseUnixMs(atMs),
      };
    }
    case "BudgetReleased": {
      const { sessionId, messageHash, lamports, reason, atMs } = events.BudgetReleased.decode(payload);
      return {
        type,
        sessionId,
        messageHash: encodeHex(messageHash),
        lamports: parseLamports(lamports),
        reason,
        at: parseUnixMs(atMs),
      };
    }
    default:
      throw new InvariantViolation(`a session stream holds an unknown event: ${type}`);
  }
}

function decodeGranted(payload: Uint8Array): SessionEvent {
  const { sessionId, owner, text, epoch, atMs, intent } = events.SessionGranted.decode(payload);
  const signed = fromIntentMessage(intent);
  return {
    type: "SessionGranted",
    sessionId,
    owner,
    grant: readGrant(signed, 0),
    epoch: Number(epoch),
    text,
    at: parseUnixMs(atMs),
    intent: signed,
  };
}

/** What was signed says what was granted; an amendment names its session before it. */
function readGrant({ intent }: SignedIntent, skipped: number): Grant {
  const decoded = unwrap(decodeIntent(intent));
  return unwrap(parseGrant({ ...decoded, fields: decoded.fields.slice(skipped) }));
}

type Amounts = Pick<events.BudgetReserved, "lamports" | "feeLamports" | "tokens">;

function toAmounts({ spends, feeLamports }: Pick<Reservation, "spends" | "feeLamports">): Amounts {
  const tokens = [...spends]
    .filter(([asset]) => asset !== "lamports")
    .map(([asset, amount]) => ({ mint: toKey(asset), amount }));
  return { lamports: (spends.get("lamports") ?? 0n) + feeLamports, feeLamports, tokens };
}

function fromAmounts({
  lamports,
  feeLamports,
  tokens,
}: Amounts): Pick<Reservation, "spends" | "feeLamports"> {
  const spends = new Map(tokens.map(({ mint, amount }) => [encodeBase58(mint), amount]));
  spends.set("lamports", lamports - feeLamports);
  return { spends, feeLamports };
}

function fromHex(text: string): Uint8Array {
  return decodeHex(text) ?? new Uint8Array();
}

function toIntentMessage({ intent, publicKey, signature }: SignedIntent) {
  return { intent: intent, publicKey: publicKey, signature: signature };
}

function fromIntentMessage(message: SignedIntent | undefined): SignedIntent {
  if (message === undefined) throw new InvariantViolation("a stored session event lacks its intent");
  return message;
}
