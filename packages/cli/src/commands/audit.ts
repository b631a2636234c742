/** `mira audit`: check the network's logs from end to end, and keep copies of them. */
import { resolve } from "node:path";
import { callUnary, exportLog, openLog, type MiraClient } from "@mira/client";
import { settlement } from "@mira/api";
import { checkLog, parseVerifierKey, type CheckedLog } from "@mira/merkle";
import { decodeAuditEntry, refuse, RefusalError, unwrap, type Refusal } from "@mira/primitives";
import type { Command } from "commander";
import { networkOf, outputOf, withClient } from "../context.ts";
import type { Output } from "../output.ts";

const SERVICE = settlement.SettlementServiceService;
/** Between two lines of progress. */
const PROGRESS_ENTRIES = 10_000;

export function addAudit(program: Command): void {
  const audit = program.command("audit").description("check the audit log, and keep copies of it");
  audit
    .command("check")
    .description(
      "read every file of the log, recompute every hash, compare with the signed checkpoint, and name the first file and entry at fault; from the network, also compare the runtime's money with its escrow",
    )
    .option("--from <folder or URL>", "a copy of the log; default: the network's own")
    .action(({ from }: { from?: string }, command: Command) =>
      from === undefined
        ? withClient(command, checkNetwork)
        : checkCopy(toPlace(from), command, outputOf(command)),
    );
  audit
    .command("export <folder>")
    .description("copy the log's files into a folder that any web server can serve, and check the copy")
    .action((folder: string, _options: unknown, command: Command) =>
      exportAudit(resolve(folder), command, outputOf(command)),
    );
}

async function checkNetwork(client: MiraClient, output: Output): Promise<void> {
  // First, so that a network nobody answers for is told as such.
  const before = unwrap(await callUnary(client.channels.settlement, SERVICE.getStatus, {}));
  const { size, root } = await check(requireLogUrl(client.network.logUrl), client.network, output);
  const { runtimeLamports, escrowLamports } = before;
  if (runtimeLamports !== escrowLamports)
    throw new RefusalError(
      refuse("PROOF_INVALID", "the runtime's money is not its escrow", {
        needed: escrowLamports,
        got: runtimeLamports,
      }),
    );
  output.result({ entries: size, root, runtimeLamports, escrowLamports }, () =>
    [
      output.style.green("the audit log holds"),
      `  ${size} entries lead to the signed root; the runtime's ${runtimeLamports} lamports equal its escrow`,
    ].join("\n"),
  );
}

async function checkCopy(place: string, command: Command, output: Output): Promise<void> {
  const { size, root } = await check(place, networkOf(command), output);
  output.result({ entries: size, root }, () =>
    [output.style.green("the copy of the audit log holds"), `  ${size} entries lead to the signed root`].join(
      "\n",
    ),
  );
}

async function exportAudit(folder: string, command: Command, output: Output): Promise<void> {
  const network = networkOf(command);
  const { written } = unwrap(await exportLog(openLog(requireLogUrl(network.logUrl)), folder));
  const { size, root } = await check(folder, network, output);
  output.result({ entries: size, root, folder, written }, () =>
    [
      output.style.green(`${size} entries of the audit log are in ${folder}`),
      `  ${written} files were written, and the copy holds`,
    ].join("\n"),
  );
}

type Trust = { readonly networkId: string; readonly logVerifierKey: string };

async function check(
  place: string,
  { networkId, logVerifierKey }: Trust,
  output: Output,
): Promise<CheckedLog> {
  let strange: Refusal | undefined;
  const checked = await checkLog(openLog(place), {
    origin: networkId,
    keys: [unwrap(parseVerifierKey(logVerifierKey))],
    onEntry: (index, entry) => {
      const content = decodeAuditEntry(entry);
      if (!content.ok)
        strange ??= refuse("PROOF_INVALID", `entry ${index}: ${content.message}`, { entry: index });
      if (index > 0 && index % PROGRESS_ENTRIES === 0) output.note(`read ${index} entries`);
    },
  });
  // What was signed and is no entry is told only when nothing else is at fault.
  if (checked.ok && strange !== undefined) throw new RefusalError(strange);
  return unwrap(checked);
}

function toPlace(from: string): string {
  return /^https?:\/\//.test(from) ? from : resolve(from);
}

function requireLogUrl(url: string | undefined): string {
  if (url !== undefined) return url;
  throw new RefusalError(
    refuse("REQUEST_INVALID", "the network file does not say where the log is: give --from", {
      field: "logUrl",
    }),
  );
}
