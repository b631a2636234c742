/** Probe events as stored and published bytes. */
import { events } from "@mira/api";
import type { EncodedEvent } from "@mira/event-store";
import { invariant, InvariantViolation, parseUnixMs, unreachable, type Probe } from "@mira/primitives";
import { fromTruthMessage, toVerdictMessage } from "../codec/verification-messages.ts";
import type { ProbeSetEvent } from "../domain/probe-set.ts";

export function encodeProbeEvent(event: ProbeSetEvent): EncodedEvent {
  return { type: event.type, schemaVersion: 1, payload: encodePayload(event) };
}

function encodePayload(event: ProbeSetEvent): Uint8Array {
  const common = { setId: event.setId, atMs: BigInt(event.at) };
  switch (event.type) {
    case "ProbesImported":
      return events.ProbesImported.encode({ ...common, probes: event.probes.map(toProbeMessage) }).finish();
    case "ProbesCommitted":
      return events.ProbesCommitted.encode({ ...common, root: event.root, probes: event.count }).finish();
    case "ProbeUsed": {
      const { probeId, verificationId, claimId } = event;
      return events.ProbeUsed.encode({ ...common, probeId, verificationId, claimId }).finish();
    }
    case "ProbeRetired": {
      const { probeId, reason } = event;
      return events.ProbeRetired.encode({ ...common, probeId, reason }).finish();
    }
    case "ProbeOpened": {
      const { probe, index, treeSize, path, reason, uses } = event;
      return events.ProbeOpened.encode({
        ...common,
        probe: toProbeMessage(probe),
        index,
        treeSize,
        path: [...path],
        reason,
        uses: uses.map((use) => ({ ...use, answers: use.answers.map((answer) => ({ ...answer })) })),
      }).finish();
    }
    default:
      return unreachable(event);
  }
}

export function decodeProbeEvent({ type, payload }: EncodedEvent): ProbeSetEvent {
  switch (type) {
    case "ProbesImported": {
      const { setId, probes, atMs } = events.ProbesImported.decode(payload);
      return { type, setId, probes: probes.map(fromProbeMessage), at: parseUnixMs(atMs) };
    }
    case "ProbesCommitted": {
      const { setId, root, probes, atMs } = events.ProbesCommitted.decode(payload);
      return { type, setId, root, count: probes, at: parseUnixMs(atMs) };
    }
    case "ProbeUsed": {
      const { atMs, ...fields } = events.ProbeUsed.decode(payload);
      return { type, ...fields, at: parseUnixMs(atMs) };
    }
    case "ProbeRetired": {
      const { atMs, ...fields } = events.ProbeRetired.decode(payload);
      return { type, ...fields, at: parseUnixMs(atMs) };
    }
    case "ProbeOpened": {
      const { probe, atMs, ...fields } = events.ProbeOpened.decode(payload);
      invariant(probe !== undefined, "an opened probe is shown");
      return { type, ...fields, probe: fromProbeMessage(probe), at: parseUnixMs(atMs) };
    }
    default:
      throw new InvariantViolation(`a probe set's stream holds an unknown event: ${type}`);
  }
}

function toProbeMessage({ probeId, claim, truth, domain, salt }: Probe): events.Probe {
  return { probeId, claim, truth: toVerdictMessage(truth), domain, salt };
}

function fromProbeMessage({ truth, ...same }: events.Probe): Probe {
  return { ...same, truth: fromTruthMessage(truth) };
}
