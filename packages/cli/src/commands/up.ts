/** `mira up`: a whole network on this machine. */
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { createDevKey, DEV_ACCOUNTS, startLocalnet, type Localnet } from "@mira/localnet";
import { encodeBase58 } from "@mira/primitives";
import type { Command } from "commander";
import { NETWORK_FILE, outputOf } from "../context.ts";
import { runDemo, type DemoResult } from "../demo.ts";
import type { Output } from "../output.ts";
import { parseCount } from "../values.ts";

type UpOptions = {
  readonly dataDir?: string;
  readonly portBase?: string;
  readonly executors: string;
  readonly challengeWindow: string;
  readonly demo?: boolean;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
};

export function addUp(program: Command): void {
  program
    .command("up")
    .description("start Postgres, NATS and every service on this machine")
    .option("--data-dir <folder>", "keep everything there; without it all is temporary")
    .option("--port-base <port>", "first port to use; without it free ones are taken")
    .option("--executors <n>", "executor processes", "2")
    .option("--challenge-window <ms>", "milliseconds between settled and finalized", "2000")
    .option("--demo", "verify examples/response.md and settle a first transaction")
    .option("--once", "do the demo, then stop everything")
    .option("--json", "with --once: print one JSON object")
    .option("-v, --verbose", "show what the services log")
    .addHelpText(
      "after",
      "\nExamples:\n  mira up --demo\n  mira up --data-dir ./data --port-base 8200\n  mira up --once --json",
    )
    .action(async (options: UpOptions, command: Command) => {
      await up(options, outputOf(command));
    });
}

async function up(options: UpOptions, output: Output): Promise<void> {
  const quiet = options.json === true;
  const note = quiet ? () => undefined : output.note;
  const stopping = listenForStop(note);
  const localnet = await startLocalnet({
    executors: parseCount("--executors", options.executors, 1, 16),
    challengeWindowMs: parseCount("--challenge-window", options.challengeWindow, 0, 86_400_000),
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    ...(options.portBase === undefined
      ? {}
      : { portBase: parseCount("--port-base", options.portBase, 1_024, 65_000) }),
    progress: (step) => note(`  starting ${step} ...`),
    notice: note,
    log: (service, line) => {
      if (options.verbose === true) process.stderr.write(`${service.padEnd(12)} ${line}\n`);
    },
  });
  const removeNetworkFile = await leaveNetworkFile(localnet, note);
  try {
    if (!quiet) announce(localnet, output);
    const demo =
      options.demo === true || options.once === true
        ? await runDemo(localnet.client, { output, quiet })
        : undefined;
    if (options.once === true) finish(localnet, demo, options, output);
    else await stayUp(stopping, note);
  } finally {
    await removeNetworkFile();
    await localnet.stop();
    note("  everything is stopped");
  }
}

function finish(localnet: Localnet, demo: DemoResult | undefined, options: UpOptions, output: Output): void {
  if (options.json === true && demo !== undefined)
    process.stdout.write(`${JSON.stringify({ ready_ms: localnet.readyMs, ...demo })}\n`);
  else output.note("  done");
}

async function stayUp(stopping: AbortSignal, note: (line: string) => void): Promise<void> {
  note("  Ctrl-C stops everything");
  // A promise alone does not keep the process alive when all it started is unreferenced.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => {
    if (stopping.aborted) resolve();
    stopping.addEventListener("abort", () => resolve(), { once: true });
  });
  clearInterval(alive);
}

/** The first signal stops in order, the second at once; children die with this process either way. */
function listenForStop(note: (line: string) => void): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => {
    if (stopping.signal.aborted) process.exit(130);
    note("\n  stopping; once more to kill");
    stopping.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return stopping.signal;
}

/** So that other commands find the network; one that runs already in this folder keeps the place. */
async function leaveNetworkFile(
  { network }: Localnet,
  note: (line: string) => void,
): Promise<() => Promise<void>> {
  const usual = resolve(NETWORK_FILE);
  const path = existsSync(usual) ? resolve(`.mira/network-${process.pid}.json`) : usual;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(network, undefined, 2)}\n`);
  if (path !== usual) note(`  another network's file is at ${usual}: name this one with --network ${path}`);
  return () => rm(path, { force: true });
}

function announce(
  { network, natsServer, readyMs, postgres, nats, stateDir }: Localnet,
  { note, style }: Output,
): void {
  const { endpoints } = network;
  note(
    `\n${style.bold("Mira is up")} after ${(readyMs / 1000).toFixed(1)} s. For development only: keys are public, nothing is encrypted.\n`,
  );
  for (const [name, target] of Object.entries(endpoints)) note(`  ${name.padEnd(12)} ${target}`);
  note(`  ${"postgres".padEnd(12)} 127.0.0.1:${postgres.port}`);
  note(`  ${"nats".padEnd(12)} ${nats.url}, nats-server ${natsServer}`);
  note(`  ${"state".padEnd(12)} ${stateDir}`);
  note("\n  development accounts, 1,000 SOL and 10,000 MIRA each:");
  for (const name of DEV_ACCOUNTS) note(`  ${name.padEnd(12)} ${encodeBase58(createDevKey(name).publicKey)}`);
  note("\n  try, in this folder:");
  for (const line of [
    "npm run mira -- tx send --from alice --to bob --sol 1.5",
    "npm run mira -- verify examples/response.md --sources examples/sources",
    "npm run mira -- session grant --owner alice --to bob --limit 2 --for 15m",
  ])
    note(`    ${line}`);
  note("");
}
