/** A real NATS and a settlement stand-in, with what a test asks of both. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectMessaging, STREAM, SUBJECT, type Messaging } from "@mira/messaging";
import { createSvmRuntime, type SvmRuntime } from "@mira/runtime";
import {
  accountKey,
  decodePartitionResult,
  type AccountValue,
  type PartitionResult,
} from "@mira/runtime/wire";
import { useTestNats, type TestNats } from "@mira/testing";
import { EXECUTORS } from "../src/execute-role.ts";
import { startExecutorProcess, type ExecutorProcess } from "./executor-process.ts";
import { Sealing } from "./sealing.ts";
import { startSettlementStandIn, type SettlementStandIn } from "./settlement-stand-in.ts";

export type SmallNetwork = {
  readonly nats: TestNats;
  readonly messaging: Messaging;
  readonly settlement: SettlementStandIn;
  readonly runtime: SvmRuntime;
  readonly sealing: Sealing;
  /** Everything that executors have published, in stream order. */
  readonly results: PartitionResult[];
  fund(...accounts: readonly (readonly [Uint8Array, AccountValue])[]): void;
  publish(partitions: readonly Uint8Array[]): Promise<void>;
  startExecutor(env?: Record<string, string>, execArgv?: string[]): Promise<ExecutorProcess>;
  close(): Promise<void>;
};

export async function createSmallNetwork(): Promise<SmallNetwork> {
  const [nats, settlement, folder] = await Promise.all([
    useTestNats(),
    startSettlementStandIn(),
    mkdtemp(path.join(tmpdir(), "mira-executor-")),
  ]);
  const ending = new AbortController();
  const messaging = await connectMessaging({ url: nats.url, name: "test", signal: ending.signal });
  const streams = [STREAM.partitions, STREAM.results, STREAM.events, STREAM.batches, STREAM.verdicts];
  await messaging.declare({ streams, consumers: [EXECUTORS] });
  const results: PartitionResult[] = [];
  void messaging.follow(
    { stream: STREAM.results.name, from: "all", signal: ending.signal },
    ({ payload }) => {
      results.push(decodePartitionResult(payload));
    },
  );
  const runtime = createSvmRuntime();
  const processes: ExecutorProcess[] = [];
  let published = 0;
  return {
    nats,
    messaging,
    settlement,
    runtime,
    sealing: new Sealing(runtime, settlement.state),
    results,
    fund: (...accounts) => {
      for (const [key, value] of accounts) settlement.state.set(accountKey(key), { version: 0, value });
    },
    publish: async (partitions) => {
      const subject = SUBJECT.partitionReady;
      await messaging.publishMany(
        partitions.map((payload) => ({ subject, payload, id: `partition-${published++}` })),
      );
    },
    startExecutor: async (env, execArgv) => {
      const started = await startExecutorProcess({
        folder,
        natsUrl: nats.url,
        settlementTarget: settlement.target,
        ...(env === undefined ? {} : { env }),
        ...(execArgv === undefined ? {} : { execArgv }),
      });
      processes.push(started);
      return started;
    },
    close: () => closeAll({ processes, ending, messaging, settlement, nats, folder }),
  };
}

async function closeAll(parts: {
  processes: readonly ExecutorProcess[];
  ending: AbortController;
  messaging: Messaging;
  settlement: SettlementStandIn;
  nats: TestNats;
  folder: string;
}): Promise<void> {
  await Promise.all(parts.processes.map((running) => running.end("SIGKILL")));
  parts.ending.abort();
  await parts.messaging.close();
  await parts.settlement.stop();
  await parts.nats.close();
  await rm(parts.folder, { recursive: true });
}
