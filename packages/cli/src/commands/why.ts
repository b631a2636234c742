/** `mira why`: the reason of a thing, out of the audit log, with proof. */
import { callUnary, CallError, verifyEntryProof, verifyReceiptProof, type MiraClient } from "@mira/client";
import { sessions, settlement } from "@mira/api";
import {
  decodeAuditEntry,
  decodeBase58,
  parseSequenceNumber,
  refuse,
  RefusalError,
  unwrap,
  type AuditEntryContent,
} from "@mira/primitives";
import type { Command } from "commander";
import { withClient } from "../context.ts";
import { describeReceipt, toReceiptData } from "../describe.ts";
import { toOneLine, type Output } from "../output.ts";
import { formatInstant } from "../values.ts";
import { describeDecision, readDecision } from "./session-questions.ts";
import { parseId } from "./tx.ts";

const SERVICE = settlement.SettlementServiceService;
const ENTRIES_SHOWN = 50;

export function addWhy(program: Command): void {
  program
    .command("why <id>")
    .description("what happened to a transaction, session, certificate, validator or batch, with proof")
    .addHelpText(
      "after",
      "\nExamples:\n  mira why 17             a transaction, by sequence number\n  mira why <certificate id>\n  mira why <decision>    a use that a session refused, by the decision that the refusal names\n  mira why batch/3",
    )
    .action((id: string, _options: unknown, command: Command) =>
      withClient(command, (client, output) => why(client, output, id)),
    );
}

async function why(client: MiraClient, output: Output, id: string): Promise<void> {
  if (/^[0-9a-f]{64}$/.test(id)) return whyRefused(client, output, id);
  if (/^\d{1,15}$/.test(id) || decodeBase58(id)?.length === 64) return whyTransaction(client, output, id);
  const entries = await listAbout(client, id);
  if (entries.length === 0)
    throw new RefusalError(refuse("NOT_FOUND", `the audit log says nothing about "${id}"`, { id }));
  const { proof } = unwrap(
    await callUnary(client.channels.settlement, SERVICE.getEntryProof, {
      by: { $case: "subject", value: id },
      wait: false,
    }),
  );
  const verified = unwrap(verifyEntryProof(proof, client.network));
  output.result({ subject: id, entries, provenIndex: verified.index }, () =>
    [
      ...entries.map(describeEntry),
      `the newest is entry ${verified.index} of the audit log, checked against its signed checkpoint`,
    ].join("\n"),
  );
}

/** A transaction that a session did not allow never got a place in the order; what was decided is decided again from the log. */
async function whyRefused(client: MiraClient, output: Output, id: string): Promise<void> {
  const decision = unwrap(
    await callUnary(
      client.channels.sessions,
      sessions.SessionsServiceService.explainDecision,
      readDecision(id),
    ),
  );
  output.result(decision, () => describeDecision(decision));
}

async function whyTransaction(client: MiraClient, output: Output, id: string): Promise<void> {
  const receipt = unwrap(await client.ledger.getReceipt(parseId(id)));
  const proof = await proveIfSettled(client, receipt.sequenceNumber);
  const entries = await listAbout(client, `batch/${receipt.batchNumber}`);
  output.result({ receipt: toReceiptData(receipt), entries, provenIndex: proof }, () =>
    [
      describeReceipt(receipt, output.style),
      ...entries.map(describeEntry),
      proof === undefined
        ? "not settled: nothing to prove yet"
        : `its receipt is proven by entry ${proof} of the audit log`,
    ].join("\n"),
  );
}

async function proveIfSettled(client: MiraClient, sequenceNumber: number): Promise<number | undefined> {
  try {
    const proof = await client.ledger.getReceiptProof(parseSequenceNumber(sequenceNumber));
    return proof.ok ? unwrap(verifyReceiptProof(proof.value, client.network)).batch.index : undefined;
  } catch (error) {
    if (error instanceof CallError) return undefined;
    throw error;
  }
}

async function listAbout(client: MiraClient, subject: string): Promise<readonly AuditEntryContent[]> {
  const { entries } = unwrap(
    await callUnary(client.channels.settlement, SERVICE.listEntries, {
      start: 0n,
      limit: ENTRIES_SHOWN,
      subject,
    }),
  );
  return entries.map(({ entry }) => unwrap(decodeAuditEntry(entry)));
}

function describeEntry({ kind, subject, at, fields }: AuditEntryContent): string {
  return [
    `${formatInstant(at)}  ${toOneLine(kind)}  ${toOneLine(subject)}`,
    ...fields.map(([name, value]) => `    ${toOneLine(name)}: ${toOneLine(value)}`),
  ].join("\n");
}
