/** What `mira up --demo` shows: a response verified by bonded validators, and a transaction on its way to finality. */
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { parseUnixMs, verifyCertificate, type MiraClient, type Source, type Stage } from "@mira/client";
import { createDevKey } from "@mira/localnet";
import { encodeBase58, unwrap } from "@mira/primitives";
import {
  describeClaims,
  describeReceipt,
  describeSentences,
  describeWhole,
  toClaimData,
} from "./describe.ts";
import type { Output } from "./output.ts";
import { buildTransfer } from "./transfer.ts";

export type DemoResult = {
  readonly response: { readonly claims: readonly unknown[]; readonly certificate: string };
  readonly transaction: {
    readonly id: string;
    readonly stages: readonly { readonly stage: Stage; readonly at_ms: number }[];
  };
};

type DemoOptions = { readonly output: Output; readonly quiet: boolean };

const EXAMPLES = fileURLToPath(new URL("../../../examples", import.meta.url));
const VERIFY_MS = 30_000;
const FINALIZE_MS = 30_000;
const LAMPORTS = 1_500_000_000n;

export async function runDemo(client: MiraClient, options: DemoOptions): Promise<DemoResult> {
  const response = await verifyExample(client, options);
  const transaction = await settleFirst(client, options);
  return { response, transaction };
}

async function verifyExample(
  client: MiraClient,
  { output, quiet }: DemoOptions,
): Promise<DemoResult["response"]> {
  const note = quiet ? () => undefined : output.note;
  const response = await readFile(join(EXAMPLES, "response.md"), "utf8");
  note(output.style.bold("examples/response.md, verified by three bonded validators"));
  const verificationId = unwrap(
    await client.verifyResponse({ requestId: randomUUID(), response, sources: await readSources() }),
  );
  const verification = unwrap(
    await client.getVerification(verificationId, { wait: true, deadlineMs: VERIFY_MS }),
  );
  const certificate = unwrap(await client.getCertificate(verification.certificateId));
  const checked = unwrap(
    verifyCertificate(certificate, client.network, { now: parseUnixMs(Date.now()), response }),
  );
  note(describeClaims(verification.claims, output.style));
  note(describeSentences(verification.sentences, response, output.style));
  note(describeWhole(verification, output.style));
  note(
    `certificate ${checked.certificateId}\n  signed by ${checked.operators.length} operators and the network, entry ${checked.logged.index} of its log; checked offline\n`,
  );
  return { claims: verification.claims.map(toClaimData), certificate: checked.certificateId };
}

async function readSources(): Promise<readonly Source[]> {
  const folder = join(EXAMPLES, "sources");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".md")).sort();
  return Promise.all(
    names.map(async (name) => ({
      sourceId: name,
      title: name,
      text: await readFile(join(folder, name), "utf8"),
    })),
  );
}

async function settleFirst(
  client: MiraClient,
  { output, quiet }: DemoOptions,
): Promise<DemoResult["transaction"]> {
  const { blockhash } = unwrap(await client.ledger.getLatestBlockhash());
  const transaction = await buildTransfer(createDevKey("alice"), {
    to: createDevKey("bob").publicKey,
    lamports: LAMPORTS,
    blockhash,
  });
  const { sequenceNumber } = unwrap(await client.ledger.submitTransaction(transaction));
  const receipt = unwrap(
    await client.ledger.waitForCommitment(sequenceNumber, "finalized", { deadlineMs: FINALIZE_MS }),
  );
  if (!quiet)
    output.note(
      `${output.style.bold("1.5 SOL from alice to bob")}\n${describeReceipt(receipt, output.style)}\n`,
    );
  const stages = (Object.entries(receipt.times) as [Stage, number][]).map(([stage, at]) => ({
    stage,
    at_ms: at,
  }));
  return { id: encodeBase58(receipt.transactionId), stages };
}
