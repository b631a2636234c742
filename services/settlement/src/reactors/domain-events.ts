/** mira.{sessions,staking,verifier}.>: who was allowed what, who stands for what, and what was certified, into the audit log. */
import {
  CertificateIssued,
  DrawFixed,
  EvidenceAccepted,
  FaultRecorded,
  ProbeOpened,
  ProbesCommitted,
  StakeBonded,
  StakeSlashed,
  StakeUnbonded,
  UnbondingStarted,
} from "@mira/api/gen/mira/events/v1/events.ts";
import { DRAW_FIXED, drawSubject } from "@mira/committee";
import { hashLeaf } from "@mira/merkle";
import { encodeBase58, encodeHex, sha256, type AuditEntryContent, type UnixMs } from "@mira/primitives";
import { describeHeard, type AuditEntry } from "../domain/audit-kinds.ts";
import { SESSION_READERS } from "./session-entries.ts";

export type HeardEvent = {
  readonly id: string;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
};

type Described = {
  readonly kind: string;
  readonly subject: string;
  readonly atMs: bigint;
  readonly fields: AuditEntryContent["fields"];
};

/** By the type in the message's header. Other events change no authority and move no value. */
const READERS: Readonly<Record<string, (payload: Uint8Array) => Described>> = {
  ...SESSION_READERS,
  StakeBonded: (payload) => {
    const { validatorId, operator, amountUnits, atMs } = StakeBonded.decode(payload);
    const fields = [
      ["operator", encodeBase58(operator)],
      ["amount units", amountUnits],
    ] as const;
    return { kind: "stake.bonded", subject: validatorId, atMs, fields };
  },
  UnbondingStarted: (payload) => {
    const { validatorId, amountUnits, atMs } = UnbondingStarted.decode(payload);
    return { kind: "stake.unbonding", subject: validatorId, atMs, fields: [["amount units", amountUnits]] };
  },
  StakeUnbonded: (payload) => {
    const { validatorId, amountUnits, atMs } = StakeUnbonded.decode(payload);
    return { kind: "stake.unbonded", subject: validatorId, atMs, fields: [["amount units", amountUnits]] };
  },
  EvidenceAccepted: (payload) => {
    const { validatorId, evidenceId, fault, atMs } = EvidenceAccepted.decode(payload);
    const fields = [
      ["evidence", encodeHex(evidenceId)],
      ["fault", fault],
    ] as const;
    return { kind: "evidence.accepted", subject: validatorId, atMs, fields };
  },
  ProbesCommitted: (payload) => {
    const { setId, root, probes, atMs } = ProbesCommitted.decode(payload);
    const fields = [
      ["probes", String(probes)],
      ["root", encodeHex(root)],
    ] as const;
    return { kind: "probes.committed", subject: `probes/${setId}`, atMs, fields };
  },
  ProbeOpened: (payload) => {
    const { setId, probe, index, reason, uses, atMs } = ProbeOpened.decode(payload);
    const fields = [
      ["set", setId],
      ["index", String(index)],
      ["reason", reason],
      ["uses", String(uses.length)],
    ] as const;
    return { kind: "probe.opened", subject: `probe/${probe?.probeId ?? ""}`, atMs, fields };
  },
  FaultRecorded: (payload) => {
    const { validatorId, faultId, kind, verificationId, slashUnits, atMs } = FaultRecorded.decode(payload);
    const fields = [
      ["fault", encodeHex(faultId)],
      ["kind", kind],
      ["verification", verificationId],
      ["slash units", slashUnits],
    ] as const;
    return { kind: "fault.recorded", subject: validatorId, atMs, fields };
  },
  StakeSlashed: (payload) => {
    const { validatorId, evidenceId, amountUnits, atMs } = StakeSlashed.decode(payload);
    const fields = [
      ["evidence", encodeHex(evidenceId)],
      ["amount units", amountUnits],
    ] as const;
    return { kind: "stake.slashed", subject: validatorId, atMs, fields };
  },
  DrawFixed: (payload) => {
    const { verificationId, round, attempt, termsDigest, atMs } = DrawFixed.decode(payload);
    const subject = drawSubject(verificationId, round, attempt);
    return { kind: DRAW_FIXED.kind, subject, atMs, fields: [[DRAW_FIXED.field, encodeHex(termsDigest)]] };
  },
  CertificateIssued: (payload) => {
    const { certificateId, verificationId, envelope, atMs } = CertificateIssued.decode(payload);
    const fields = [
      ["verification", verificationId],
      ["certificate sha256", encodeHex(sha256(envelope))],
    ] as const;
    return { kind: "certificate.issued", subject: certificateId, atMs, fields };
  },
};

/** The entry for an event; undefined for events that are not recorded. Throws on bytes that are not the event they claim to be. */
export function toAuditEntry(networkId: string, event: HeardEvent): AuditEntry | undefined {
  const type = event.headers["Mira-Type"] ?? "";
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  if (read === undefined) return undefined;
  const { kind, subject, atMs, fields } = read(event.payload);
  return describeHeard(networkId, {
    kind,
    subject,
    at: Number(atMs) as UnixMs,
    eventId: event.id,
    stream: event.headers["Mira-Stream"] ?? "",
    version: event.headers["Mira-Stream-Version"] ?? "",
    digest: sha256(event.payload),
    fields,
  });
}

export type RecordedEvent = {
  readonly id: string;
  readonly entry: AuditEntry;
  /** An envelope's leaf in the log of certificates, which does not keep the envelope. */
  readonly certificate?: AuditEntry & { readonly leafHash: Uint8Array };
};

function toCertificate({ headers, payload }: HeardEvent): Pick<RecordedEvent, "certificate"> {
  if (headers["Mira-Type"] !== "CertificateIssued") return {};
  const { certificateId, envelope } = CertificateIssued.decode(payload);
  const leaf = { kind: "certificate", subject: certificateId, entry: new Uint8Array() };
  return { certificate: { ...leaf, leafHash: hashLeaf(envelope) } };
}

/** Records the events among these that nobody recorded before, all in one transaction. */
export async function recordEvents(
  parts: {
    readonly networkId: string;
    readonly record: (entries: readonly RecordedEvent[]) => Promise<void>;
  },
  events: readonly HeardEvent[],
): Promise<void> {
  const entries = events.flatMap((event) => {
    const entry = event.subject.startsWith("mira.settlement.")
      ? undefined
      : toAuditEntry(parts.networkId, event);
    return entry === undefined ? [] : [{ id: event.id, entry, ...toCertificate(event) }];
  });
  if (entries.length > 0) await parts.record(entries);
}
