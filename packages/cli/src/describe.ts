/** Receipts, verdicts and sessions as people read them. */
import type { sessions, verifier } from "@mira/api";
import type { Receipt, Stage } from "@mira/client";
import { toOneLine, type Style } from "./output.ts";
import { describeKey, formatAmount, formatInstant } from "./values.ts";
import { encodeBase58 } from "@mira/primitives";

const STAGES: readonly Stage[] = ["sequenced", "executed", "settled", "finalized"];

export function describeReceipt(receipt: Receipt, { bold, green, red, dim }: Style): string {
  const { times } = receipt;
  const firstAt = times.sequenced ?? 0;
  const stages = STAGES.map((stage) => {
    const at = times[stage];
    return at === undefined
      ? dim(`  ${stage.padEnd(10)} -`)
      : `  ${stage.padEnd(10)} ${formatInstant(at)}  +${at - firstAt} ms`;
  });
  return [
    `${bold("transaction")} ${encodeBase58(receipt.transactionId)}`,
    `  sequence ${receipt.sequenceNumber}, batch ${receipt.batchNumber}, ${receipt.succeeded ? green("succeeded") : red(toOneLine(receipt.status))}, fee ${formatAmount(receipt.feeLamports)} SOL, ${receipt.computeUnits} compute units`,
    ...stages,
    receipt.stage === "finalized"
      ? "  final: nothing reverses it"
      : `  reversible until ${formatInstant(receipt.reversibleUntil)}: ${toOneLine(receipt.reversal)}`,
    ...(receipt.sessionId === undefined ? [] : [`  under session ${receipt.sessionId}`]),
    ...receipt.logs.map((line) => dim(`  | ${toOneLine(line)}`)),
  ].join("\n");
}

export const VERDICT_NAMES: Readonly<Record<number, string>> = {
  0: "none",
  1: "supported",
  2: "refuted",
  3: "unresolved",
};
const SENTENCE_NAMES: Readonly<Record<number, string>> = { 1: "claim", 2: "not checkable", 3: "ambiguous" };

export function paintVerdict(verdict: string, { green, red, yellow }: Style): string {
  return (verdict === "supported" ? green : verdict === "refuted" ? red : yellow)(verdict.padEnd(10));
}

export function describeClaims(claims: readonly verifier.ClaimVerdict[], style: Style): string {
  const { dim } = style;
  return claims
    .flatMap(({ claim, verdict, confidence, attestations }) => {
      const evidence = new Set(
        attestations.flatMap((attestation) =>
          attestation.evidence.map(({ checker, witness }) => `${checker}: ${witness}`),
        ),
      );
      return [
        `${paintVerdict(VERDICT_NAMES[verdict] ?? "none", style)} ${(confidence * 100).toFixed(0).padStart(3)} %  ${toOneLine(claim?.text ?? "")}`,
        ...[...evidence].map((line) => dim(`                   ${toOneLine(line)}`)),
        dim(`                   ${attestations.length} attestations`),
      ];
    })
    .join("\n");
}

export function describeSentences(
  sentences: readonly verifier.Sentence[],
  response: string,
  style: Style,
): string {
  const { dim } = style;
  return sentences
    .map(({ start, end, kind, reason, verdict }) => {
      const text = toOneLine(response.slice(start, end));
      return SENTENCE_NAMES[kind] === "claim"
        ? `${paintVerdict(VERDICT_NAMES[verdict] ?? "none", style)} sentence  ${text}`
        : dim(`${(SENTENCE_NAMES[kind] ?? "?").padEnd(19)}  ${text} (${toOneLine(reason)})`);
    })
    .join("\n");
}

/** On the response as a whole, and what took it apart. */
export function describeWhole(
  { verdict, decomposer }: verifier.GetVerificationResponse,
  style: Style,
): string {
  const { id, model, note } = decomposer ?? { id: "?", model: "", note: "" };
  const asked = model === "" ? "" : ` with ${toOneLine(model)}: ${toOneLine(note)}`;
  return `${paintVerdict(VERDICT_NAMES[verdict] ?? "none", style)} response  taken apart by ${toOneLine(id)}${asked}`;
}

export function toSentenceData(
  { start, end, kind, category, reason, verdict }: verifier.Sentence,
  response: string,
): unknown {
  return {
    sentence: response.slice(start, end),
    start,
    end,
    kind: SENTENCE_NAMES[kind],
    category,
    reason,
    ...(verdict === 0 ? {} : { verdict: VERDICT_NAMES[verdict] }),
  };
}

/** The parts of a claim that programs ask for. */
export function toClaimData({
  claim,
  verdict,
  confidence,
  reason,
  attestations,
}: verifier.ClaimVerdict): unknown {
  return {
    claim: claim?.text,
    start: claim?.start,
    end: claim?.end,
    verdict: VERDICT_NAMES[verdict],
    confidence,
    reason,
    attestations: attestations.map(
      ({ validatorId, verdict: attested, confidence: certainty, stakeUnits, evidence }) => ({
        validator: validatorId,
        verdict: VERDICT_NAMES[attested],
        confidence: certainty,
        stakeUnits,
        evidence: evidence.map(({ checker, witness, verdict: found }) => ({
          checker,
          verdict: VERDICT_NAMES[found],
          witness,
        })),
      }),
    ),
  };
}

const SESSION_STATUSES: Readonly<Record<number, string>> = {
  1: "active",
  2: "revoked",
  3: "expired",
  4: "exhausted",
};

export function describeSession(session: sessions.Session): string {
  return [
    `session ${session.sessionId}: ${sessionStatus(session)}`,
    `  owner       ${describeKey(session.owner)}`,
    `  session key ${describeKey(session.sessionKey)}`,
    ...session.recipients.map((recipient) => `  may send to ${describeKey(recipient)}`),
    `  limit ${formatAmount(session.limitLamports)} SOL, spent ${formatAmount(session.spentLamports)}, reserved ${formatAmount(session.reservedLamports)}`,
    `  from ${formatInstant(session.startsMs)} until ${formatInstant(session.expiresMs)}`,
  ].join("\n");
}

export function sessionStatus({ status }: sessions.Session): string {
  return SESSION_STATUSES[status] ?? "unknown";
}

export function toSessionData(session: sessions.Session): unknown {
  return {
    ...session,
    owner: encodeBase58(session.owner),
    sessionKey: encodeBase58(session.sessionKey),
    recipients: session.recipients.map(encodeBase58),
    status: sessionStatus(session),
  };
}

export function toReceiptData(receipt: Receipt): Record<string, unknown> {
  return {
    ...receipt,
    transactionId: encodeBase58(receipt.transactionId),
    writtenAccounts: receipt.writtenAccounts.map(encodeBase58),
  };
}
