/** `mira verify`, `mira certificate`: have a response verified, and check what came of it with nothing but the network's key. */
import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { formatCertificate, parseCertificate, verifyCertificate, type Source } from "@mira/client";
import { unwrap } from "@mira/primitives";
import type { Command } from "commander";
import { networkOf, outputOf, withClient } from "../context.ts";
import { describeClaims, describeSentences, toClaimData } from "../describe.ts";
import { formatInstant } from "../values.ts";

const VERIFY_MS = 60_000;

export function addVerification(program: Command): void {
  program
    .command("verify <file>")
    .description("have a response verified by bonded validators; - reads standard input")
    .option("--source <files...>", "texts that the response may be held against")
    .option("--save <path>", "write the certificate there")
    .addHelpText(
      "after",
      "\nExamples:\n  mira verify answer.md --source report.md --save answer.cert.json\n  echo '12 % of 250 is 35.' | mira verify -",
    )
    .action((file: string, options: { source?: string[]; save?: string }, command: Command) =>
      verify(file, options, command),
    );
  const certificate = program.command("certificate").description("show and check certificates");
  certificate
    .command("show <id>")
    .description("fetch a certificate and print it as the file that `check` reads")
    .action((id: string, _options: unknown, command: Command) =>
      withClient(command, async (client) => {
        process.stdout.write(formatCertificate(unwrap(await client.getCertificate(id))));
      }),
    );
  certificate
    .command("check <file>")
    .description("check a certificate offline: the network may be down")
    .option("--response <file>", "the text that was verified: checked to be the very same")
    .action((file: string, options: { response?: string }, command: Command) =>
      check(file, options, command),
    );
}

async function verify(
  file: string,
  options: { source?: string[]; save?: string },
  command: Command,
): Promise<void> {
  const response = file === "-" ? await readAll(process.stdin) : await readFile(file, "utf8");
  const sources: readonly Source[] = await Promise.all(
    (options.source ?? []).map(async (path) => ({
      sourceId: basename(path),
      title: basename(path),
      text: await readFile(path, "utf8"),
    })),
  );
  await withClient(command, async (client, output) => {
    const verificationId = unwrap(
      await client.verifyResponse({ requestId: randomUUID(), response, sources }),
    );
    output.note(`verification ${verificationId}; waiting for the committee ...`);
    const verification = unwrap(
      await client.getVerification(verificationId, { wait: true, deadlineMs: VERIFY_MS }),
    );
    const certificate = unwrap(await client.getCertificate(verification.certificateId));
    if (options.save !== undefined) await writeFile(options.save, formatCertificate(certificate));
    const data = {
      verificationId,
      certificate: verification.certificateId,
      claims: verification.claims.map(toClaimData),
      sentences: verification.sentences,
    };
    output.result(data, () =>
      [
        describeClaims(verification.claims, output.style),
        describeSentences(verification.sentences, response, output.style),
        `certificate ${verification.certificateId}`,
      ]
        .filter((part) => part !== "")
        .join("\n"),
    );
  });
}

async function check(file: string, { response }: { response?: string }, command: Command): Promise<void> {
  const output = outputOf(command);
  const certificate = unwrap(parseCertificate(await readFile(file, "utf8")));
  const { certificateId, body, entry } = unwrap(
    verifyCertificate(
      certificate,
      networkOf(command),
      response === undefined ? undefined : await readFile(response, "utf8"),
    ),
  );
  const data = {
    certificate: certificateId,
    network: body.networkId,
    issuedMs: body.issuedMs,
    claims: body.claims.map(toClaimData),
    entry: { index: entry.index, treeSize: entry.treeSize },
  };
  output.result(data, () =>
    [
      output.style.green("the certificate holds"),
      `  ${certificateId}, issued ${formatInstant(body.issuedMs)} on ${body.networkId}, entry ${entry.index} of the audit log`,
      describeClaims(body.claims, output.style),
    ].join("\n"),
  );
}
