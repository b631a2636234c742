/** Staking events as stored and published bytes. */
import { events } from "@mira/api";
import type { EncodedEvent } from "@mira/event-store";
import {
  decodeHex,
  encodeHex,
  InvariantViolation,
  parseBaseUnits,
  parseUnixMs,
  unreachable,
} from "@mira/primitives";
import type { CarelessKind, StakingEvent } from "../domain/validator.ts";

const SCHEMA_VERSION = 1;

export function encodeStakingEvent(event: StakingEvent): EncodedEvent {
  return { type: event.type, schemaVersion: SCHEMA_VERSION, payload: encodePayload(event) };
}

function encodePayload(event: StakingEvent): Uint8Array {
  const { validatorId } = event;
  const atMs = BigInt(event.at);
  switch (event.type) {
    case "StakeBonded": {
      const { publicKey, operator, family, amount, transferId } = event;
      return events.StakeBonded.encode({
        validatorId,
        publicKey,
        operator,
        family,
        amountUnits: String(amount),
        transferId,
        atMs,
      }).finish();
    }
    case "UnbondingStarted":
      return events.UnbondingStarted.encode({
        validatorId,
        amountUnits: String(event.amount),
        endsMs: BigInt(event.endsAt),
        atMs,
      }).finish();
    case "StakeUnbonded":
      return events.StakeUnbonded.encode({
        validatorId,
        amountUnits: String(event.amount),
        transferId: event.transferId,
        atMs,
      }).finish();
    case "EvidenceAccepted": {
      const { first, second, fault, reporter, slash } = event;
      const proof = {
        first: first.attestation,
        firstSignature: first.signature,
        second: second.attestation,
        secondSignature: second.signature,
      };
      return events.EvidenceAccepted.encode({
        validatorId,
        evidenceId: fromHex(event.evidenceId),
        fault,
        ...proof,
        reporter,
        slashUnits: String(slash),
        atMs,
      }).finish();
    }
    case "FaultRecorded":
    case "ProbeJudged":
      return encodeWork(event);
    case "StakeSlashed":
      return events.StakeSlashed.encode({
        validatorId,
        evidenceId: fromHex(event.evidenceId),
        amountUnits: String(event.amount),
        transferId: event.transferId,
        atMs,
      }).finish();
    default:
      return unreachable(event);
  }
}

/** What a validator did, or did not do, of its work. */
function encodeWork(event: Extract<StakingEvent, { type: "FaultRecorded" | "ProbeJudged" }>): Uint8Array {
  const { validatorId } = event;
  const atMs = BigInt(event.at);
  switch (event.type) {
    case "FaultRecorded": {
      const { faultId, kind, verificationId, round, policy, slash } = event;
      return events.FaultRecorded.encode({
        validatorId,
        faultId: fromHex(faultId),
        kind,
        verificationId,
        round,
        policy,
        slashUnits: String(slash),
        atMs,
      }).finish();
    }
    case "ProbeJudged": {
      const { probeId, verificationId, isCorrect: correct, attestation, signature } = event;
      return events.ProbeJudged.encode({
        validatorId,
        probeId,
        verificationId,
        correct,
        attestation,
        signature,
        atMs,
      }).finish();
    }
    default:
      return unreachable(event);
  }
}

export function decodeStakingEvent({ type, payload }: EncodedEvent): StakingEvent {
  switch (type) {
    case "StakeBonded": {
      const { validatorId, publicKey, operator, family, amountUnits, transferId, atMs } =
        events.StakeBonded.decode(payload);
      return {
        type,
        validatorId,
        publicKey,
        operator,
        family,
        amount: parseBaseUnits(amountUnits),
        transferId,
        at: parseUnixMs(atMs),
      };
    }
    case "UnbondingStarted": {
      const { validatorId, amountUnits, endsMs, atMs } = events.UnbondingStarted.decode(payload);
      return {
        type,
        validatorId,
        amount: parseBaseUnits(amountUnits),
        endsAt: parseUnixMs(endsMs),
        at: parseUnixMs(atMs),
      };
    }
    case "StakeUnbonded": {
      const { validatorId, amountUnits, transferId, atMs } = events.StakeUnbonded.decode(payload);
      return { type, validatorId, amount: parseBaseUnits(amountUnits), transferId, at: parseUnixMs(atMs) };
    }
    case "EvidenceAccepted":
      return decodeEvidence(payload);
    case "FaultRecorded": {
      const { faultId, kind, slashUnits, atMs, ...same } = events.FaultRecorded.decode(payload);
      return {
        type,
        ...same,
        faultId: encodeHex(faultId),
        kind: kind as CarelessKind,
        slash: parseBaseUnits(slashUnits),
        at: parseUnixMs(atMs),
      };
    }
    case "ProbeJudged": {
      const { correct: isCorrect, atMs, ...same } = events.ProbeJudged.decode(payload);
      return { type, ...same, isCorrect, at: parseUnixMs(atMs) };
    }
    case "StakeSlashed": {
      const { validatorId, evidenceId, amountUnits, transferId, atMs } = events.StakeSlashed.decode(payload);
      return {
        type,
        validatorId,
        evidenceId: encodeHex(evidenceId),
        amount: parseBaseUnits(amountUnits),
        transferId,
        at: parseUnixMs(atMs),
      };
    }
    default:
      throw new InvariantViolation(`a validator's stream holds an unknown event: ${type}`);
  }
}

function decodeEvidence(payload: Uint8Array): StakingEvent {
  const message = events.EvidenceAccepted.decode(payload);
  return {
    type: "EvidenceAccepted",
    validatorId: message.validatorId,
    evidenceId: encodeHex(message.evidenceId),
    fault: message.fault === "failed-probes" ? "failed-probes" : "equivocation",
    first: { attestation: message.first, signature: message.firstSignature },
    second: { attestation: message.second, signature: message.secondSignature },
    reporter: message.reporter,
    slash: parseBaseUnits(message.slashUnits),
    at: parseUnixMs(message.atMs),
  };
}

function fromHex(text: string): Uint8Array {
  return decodeHex(text) ?? new Uint8Array();
}
