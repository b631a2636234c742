/** `mira verify`, `mira certificate`: have a response verified, and check what came of it with nothing but the network's key. */
import { randomUUID } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { parseUnixMs, unwrap, verifyCertificate, type Source } from "@mira/client";
import { Option, type Command } from "commander";
import { networkOf, outputOf, withClient } from "../context.ts";
import { describeClaimsFound, describeStep } from "../describe-progress.ts";
import {
  describeClaims,
  describeSentences,
  describeWhole,
  toClaimData,
  toSentenceData,
  VERDICT_NAMES,
} from "../describe.ts";
import { parseAmount, parseCount } from "../values.ts";
import { describeCertificate, toCertificateData } from "../describe-certificate.ts";

const VERIFY_MS = 60_000;
/** Committees may be widened, and each has its time. */
const FOLLOW_MS = 30 * 60_000;

type VerifyOptions = {
  readonly sources?: readonly string[];
  readonly source?: readonly string[];
  readonly save?: string;
  readonly estimate?: boolean;
  readonly policy?: string;
  readonly domain?: string;
  readonly atStake?: string;
};

export function addVerification(program: Command): void {
  program
    .command("verify <file>")
    .description("have a response verified by bonded validators; - reads standard input")
    .option("--sources <paths...>", "texts that the response may be held against: files, or folders of them")
    .addOption(new Option("--source <files...>", "the same").hideHelp())
    .option("--policy <name>", "who checks, how many and how surely; `mira policies` lists them")
    .option("--domain <name>", "what the response is about, e.g. legal")
    .option("--at-stake <mira>", "MIRA that depend on it: a policy may ask more for more")
    .option("--estimate", "say what claims there are and what checking them would cost, and check nothing")
    .option("--save <path>", "write the certificate there")
    .addHelpText(
      "after",
      "\nExamples:\n  mira verify answer.md --sources report.md notes/ --save answer.cert.json\n  echo '12 % of 250 is 35.' | mira verify -",
    )
    .action((file: string, options: VerifyOptions, command: Command) => verify(file, options, command));
  const certificate = program.command("certificate").description("show and check certificates");
  certificate
    .command("show <id>")
    .description("fetch a certificate and print it as the file that `check` reads")
    .action((id: string, _options: unknown, command: Command) =>
      withClient(command, async (client) => {
        process.stdout.write(unwrap(await client.getCertificate(id)));
      }),
    );
  certificate
    .command("check <file>")
    .description("check a certificate offline: the network may be down")
    .option("--response <file>", "the text that was verified: checked to be the very same")
    .option("--operators <count>", "how many operators must have signed, if more than its policy asks")
    .action((file: string, options: { response?: string; operators?: string }, command: Command) =>
      check(file, options, command),
    );
}

/** A folder gives its files in the order of their names; what lies deeper, or is hidden, is left out. */
async function readSources(paths: readonly string[]): Promise<readonly Source[]> {
  const sources: Source[] = [];
  for (const path of paths) {
    const isFolder = (await stat(path)).isDirectory();
    const entries = isFolder ? await readdir(path, { withFileTypes: true }) : [];
    const names = entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
      .map(({ name }) => name);
    for (const file of isFolder ? names.sort().map((name) => join(path, name)) : [path])
      sources.push({ sourceId: basename(file), title: basename(file), text: await readFile(file, "utf8") });
  }
  return sources;
}

async function verify(file: string, options: VerifyOptions, command: Command): Promise<void> {
  const response = file === "-" ? await readAll(process.stdin) : await readFile(file, "utf8");
  const request = {
    requestId: randomUUID(),
    response,
    sources: await readSources([...(options.sources ?? []), ...(options.source ?? [])]),
    ...(options.policy === undefined ? {} : { policy: options.policy }),
    ...(options.domain === undefined ? {} : { domain: options.domain }),
    ...(options.atStake === undefined ? {} : { valueAtStakeUnits: unwrap(parseAmount(options.atStake)) }),
  };
  await withClient(command, async (client, output) => {
    if (options.estimate === true) {
      const found = unwrap(await client.estimateCost(request));
      output.result(found, () => describeClaimsFound(found));
      return;
    }
    let verificationId = "";
    let costUnits = "0";
    for await (const message of client.followResponse(request, { deadlineMs: FOLLOW_MS })) {
      if (verificationId === "") output.note(`verification ${message.verificationId}`);
      ({ verificationId } = message);
      if (message.step?.$case === "certificate") ({ costUnits } = message.step.value);
      output.note(`  ${describeStep(message)}`);
    }
    const verification = unwrap(
      await client.getVerification(verificationId, { wait: true, deadlineMs: VERIFY_MS }),
    );
    const certificate = unwrap(await client.getCertificate(verification.certificateId));
    if (options.save !== undefined) await writeFile(options.save, certificate);
    const data = {
      verificationId,
      certificate: verification.certificateId,
      costUnits,
      claims: verification.claims.map(toClaimData),
      sentences: verification.sentences.map((sentence) => toSentenceData(sentence, response)),
      verdict: VERDICT_NAMES[verification.verdict],
      decomposer: verification.decomposer,
    };
    output.result(data, () =>
      [
        describeClaims(verification.claims, output.style),
        describeSentences(verification.sentences, response, output.style),
        describeWhole(verification, output.style),
        `certificate ${verification.certificateId}`,
      ]
        .filter((part) => part !== "")
        .join("\n"),
    );
  });
}

async function check(
  file: string,
  { response, operators }: { response?: string; operators?: string },
  command: Command,
): Promise<void> {
  const output = outputOf(command);
  const verified = unwrap(
    verifyCertificate(await readFile(file), networkOf(command), {
      now: parseUnixMs(Date.now()),
      ...(response === undefined ? {} : { response: await readFile(response, "utf8") }),
      ...(operators === undefined ? {} : { operatorsMin: parseCount("--operators", operators, 1, 1_024) }),
    }),
  );
  output.result(toCertificateData(verified), () => describeCertificate(verified, output.style));
}
