/** Session events as stored and published bytes. */
import { events } from "@mira/api";
import type { EncodedEvent } from "@mira/event-store";
import {
  decodeHex,
  encodeHex,
  InvariantViolation,
  parseLamports,
  parseSequenceNumber,
  parseUnixMs,
  unreachable,
  type SignedIntent,
} from "@mira/primitives";
import type { SessionEvent } from "../domain/session.ts";

const SCHEMA_VERSION = 1;

export function encodeSessionEvent(event: SessionEvent): EncodedEvent {
  return { type: event.type, schemaVersion: SCHEMA_VERSION, payload: encodePayload(event) };
}

function encodePayload(event: SessionEvent): Uint8Array {
  const { sessionId } = event;
  const atMs = BigInt(event.at);
  switch (event.type) {
    case "SessionGranted": {
      const { owner, text, grant } = event;
      const { sessionKey, recipients, limitLamports } = grant;
      const message = {
        sessionId,
        owner: owner,
        sessionKey: sessionKey,
        recipients: [...recipients],
        limitLamports,
        startsMs: BigInt(grant.startsAt),
        expiresMs: BigInt(grant.expiresAt),
        text,
        atMs,
        intent: toIntentMessage(event.intent),
      };
      return events.SessionGranted.encode(message).finish();
    }
    case "SessionRevoked":
      return events.SessionRevoked.encode({
        sessionId,
        by: event.by,
        atMs,
        intent: toIntentMessage(event.intent),
      }).finish();
    case "BudgetReserved":
      return events.BudgetReserved.encode({
        sessionId,
        messageHash: fromHex(event.messageHash),
        lamports: event.lamports,
        atMs,
      }).finish();
    case "BudgetCommitted":
      return events.BudgetCommitted.encode({
        sessionId,
        messageHash: fromHex(event.messageHash),
        lamports: event.lamports,
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
    case "SessionRevoked": {
      const { sessionId, by, atMs, intent } = events.SessionRevoked.decode(payload);
      return { type, sessionId, by, at: parseUnixMs(atMs), intent: fromIntentMessage(intent) };
    }
    case "BudgetReserved": {
      const { sessionId, messageHash, lamports, atMs } = events.BudgetReserved.decode(payload);
      return {
        type,
        sessionId,
        messageHash: encodeHex(messageHash),
        lamports: parseLamports(lamports),
        at: parseUnixMs(atMs),
      };
    }
    case "BudgetCommitted": {
      const { sessionId, messageHash, lamports, sequenceNumber, atMs } =
        events.BudgetCommitted.decode(payload);
      return {
        type,
        sessionId,
        messageHash: encodeHex(messageHash),
        lamports: parseLamports(lamports),
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
  const { sessionId, owner, sessionKey, recipients, limitLamports, startsMs, expiresMs, text, atMs, intent } =
    events.SessionGranted.decode(payload);
  const grant = {
    sessionKey,
    recipients,
    limitLamports: parseLamports(limitLamports),
    startsAt: parseUnixMs(startsMs),
    expiresAt: parseUnixMs(expiresMs),
  };
  return {
    type: "SessionGranted",
    sessionId,
    owner,
    grant,
    text,
    at: parseUnixMs(atMs),
    intent: fromIntentMessage(intent),
  };
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
