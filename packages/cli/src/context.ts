/** What every command is given: the network it talks to, and where it prints. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { connectMira, readNetworkFile, type MiraClient, type Network } from "@mira/client";
import { refuse, RefusalError, unwrap } from "@mira/primitives";
import type { Command } from "commander";
import { createOutput, type Output, type OutputFormat } from "./output.ts";

/** Where `mira up` leaves it, seen from the folder it runs in. */
export const NETWORK_FILE = ".mira/network.json";

export type GlobalOptions = { readonly output: OutputFormat; readonly network?: string };

export function outputOf(command: Command): Output {
  return createOutput(command.optsWithGlobals<GlobalOptions>().output);
}

export function networkOf(command: Command): Network {
  const { network } = command.optsWithGlobals<GlobalOptions>();
  const path = resolve(network ?? process.env["MIRA_NETWORK_FILE"] ?? NETWORK_FILE);
  if (!existsSync(path))
    throw new RefusalError(
      refuse(
        "NOT_FOUND",
        `no network file at ${path}: start a network with \`mira up\`, or name its file with --network or MIRA_NETWORK_FILE`,
        { path },
      ),
    );
  return unwrap(readNetworkFile(path));
}

/** Runs with a client that is closed afterwards. */
export async function withClient(
  command: Command,
  work: (client: MiraClient, output: Output) => Promise<void>,
): Promise<void> {
  const client = connectMira(networkOf(command));
  try {
    await work(client, outputOf(command));
  } finally {
    client.close();
  }
}
