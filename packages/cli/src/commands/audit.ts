/** `mira audit`, `mira why`: check the log from end to end, and ask it for the reason of a thing. */
import { callUnary, CallError, verifyEntryProof, verifyReceiptProof, type MiraClient } from "@mira/client";
import { settlement } from "@mira/api";
import { computeRoot, hashLeaf, parseVerifierKey, verifyCheckpoint } from "@mira/merkle";
import {
  bytesEqual,
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
import { parseId } from "./tx.ts";

const SERVICE = settlement.SettlementServiceService;
const PAGE = 1_024;
const ENTRIES_SHOWN = 50;

export function addAudit(program: Command): void {
  program
    .command("audit")
    .description("check the audit log")
    .command("check")
    .description(
      "read every entry, rebuild the tree, compare with the signed checkpoint; compare the runtime's money with its escrow",
    )
    .action((_options: unknown, command: Command) => withClient(command, checkAudit));
  program
    .command("why <id>")
    .description("what happened to a transaction, session, certificate, validator or batch, with proof")
    .addHelpText(
      "after",
      "\nExamples:\n  mira why 17             a transaction, by sequence number\n  mira why <certificate id>\n  mira why batch/3",
    )
    .action((id: string, _options: unknown, command: Command) =>
      withClient(command, (client, output) => why(client, output, id)),
    );
}

async function checkAudit(client: MiraClient, output: Output): Promise<void> {
  const { settlement: channel } = client.channels;
  const key = parseVerifierKey(client.network.logVerifierKey);
  if (!key.ok) throw new RefusalError(key);
  const { checkpoint } = unwrap(await callUnary(channel, SERVICE.getCheckpoint, {}));
  const { size, root } = unwrap(
    verifyCheckpoint(checkpoint, { origin: client.network.networkId, keys: [key.value] }),
  );
  const leaves: Uint8Array[] = [];
  while (leaves.length < size) {
    const { entries } = unwrap(
      await callUnary(channel, SERVICE.listEntries, {
        start: BigInt(leaves.length),
        limit: Math.min(PAGE, size - leaves.length),
        subject: "",
      }),
    );
    if (entries.length === 0)
      throw new RefusalError(
        refuse("PROOF_INVALID", "the log does not serve all the entries that it signed for", {
          needed: size,
          got: leaves.length,
        }),
      );
    for (const { entry } of entries) {
      unwrap(decodeAuditEntry(entry));
      leaves.push(hashLeaf(entry));
    }
    output.note(`read ${leaves.length} of ${size} entries`);
  }
  if (!bytesEqual(computeRoot(leaves), root))
    throw new RefusalError(refuse("PROOF_INVALID", "the entries do not lead to the signed root", { size }));
  const state = unwrap(await callUnary(channel, SERVICE.getStatus, {}));
  if (state.runtimeLamports !== state.escrowLamports)
    throw new RefusalError(
      refuse("PROOF_INVALID", "the runtime's money is not its escrow", {
        needed: state.escrowLamports,
        got: state.runtimeLamports,
      }),
    );
  output.result(
    { entries: size, root, runtimeLamports: state.runtimeLamports, escrowLamports: state.escrowLamports },
    () =>
      [
        output.style.green("the audit log holds"),
        `  ${size} entries lead to the signed root; the runtime's ${state.runtimeLamports} lamports equal its escrow`,
      ].join("\n"),
  );
}

async function why(client: MiraClient, output: Output, id: string): Promise<void> {
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
