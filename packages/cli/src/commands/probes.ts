/** `mira probes`: claims of known truth, mixed into the work of validators. */
import { readFile } from "node:fs/promises";
import { verifier } from "@mira/api";
import { callUnary, signProbeImport } from "@mira/client";
import { encodeHex, unwrap } from "@mira/primitives";
import type { Command } from "commander";
import { withClient } from "../context.ts";
import { formatTable } from "../output.ts";
import { parseProbes } from "../probes-file.ts";
import { formatInstant, readKeyPair } from "../values.ts";

const SERVICE = verifier.VerifierServiceService;
const TRUTHS = { supported: verifier.Verdict.SUPPORTED, refuted: verifier.Verdict.REFUTED } as const;

export function addProbes(program: Command): void {
  const probes = program.command("probes").description("claims of known truth, mixed into the work");
  probes
    .command("import <file>")
    .description(
      'import probes: one JSON object a line, {"claim": ..., "truth": "supported" or "refuted", "domain": ...}',
    )
    .option(
      "--author <key>",
      "development account or key file of one of the network's probe authors",
      "probe-author",
    )
    .addHelpText("after", "\nExample:\n  mira probes import probes.jsonl --author probe-author")
    .action((file: string, options: { author: string }, command: Command) =>
      importProbes(file, options, command),
    );
  probes
    .command("list")
    .description("list the sets that were imported, and how many of each are left; never which claims")
    .action((_options: unknown, command: Command) =>
      withClient(command, async (client, output) => {
        const { sets } = unwrap(await callUnary(client.channels.verifier, SERVICE.listProbeSets, {}));
        output.result(sets.map(toData), () =>
          formatTable(
            ["set", "imported", "probes", "in use", "opened", "root in the audit log"],
            sets.map(({ setId, atMs, probes: count, active, opened, root }) => [
              setId,
              formatInstant(atMs),
              String(count),
              String(active),
              String(opened),
              encodeHex(root),
            ]),
          ),
        );
      }),
    );
}

async function importProbes(file: string, { author }: { author: string }, command: Command): Promise<void> {
  const claims = unwrap(parseProbes(await readFile(file, "utf8")));
  await withClient(command, async (client, output) => {
    const intent = signProbeImport(client.network.networkId, unwrap(readKeyPair(author)), claims);
    const probes = claims.map(({ truth, ...probe }) => ({ ...probe, truth: TRUTHS[truth] }));
    const { set } = unwrap(
      await callUnary(client.channels.verifier, SERVICE.importProbes, { intent, probes }),
    );
    if (set === undefined) throw new TypeError("an answer without a set");
    output.result(
      toData(set),
      () =>
        `${set.probes} probes imported as set ${set.setId}; their truths are committed to as ${encodeHex(set.root)}`,
    );
  });
}

function toData({ setId, root, probes, active, opened, atMs }: verifier.ProbeSet): unknown {
  return { set: setId, root: encodeHex(root), probes, active, opened, atMs };
}
