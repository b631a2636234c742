/** A settlement process of the test's own, with a sequencer that gives sealed batches, on real Postgres and NATS. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { Answer, ReexecutionAnswered } from "@mira/api/gen/mira/events/v1/events.ts";
import {
  GetStatusRequest,
  SettlementServiceClient,
  type GetStatusResponse,
} from "@mira/api/gen/mira/settlement/v1/settlement.ts";
import { SequencerServiceService } from "@mira/api/gen/mira/sequencer/v1/sequencer.ts";
import {
  call,
  createGrpcClient,
  createLogger,
  startGrpcServer,
  unary,
  type GrpcClient,
  type RunningGrpcServer,
} from "@mira/chassis";
import { connectMessaging, STREAM, SUBJECT, type Messaging } from "@mira/messaging";
import {
  createKeyPair,
  encodeBase58,
  encodeHex,
  encodeReexecutionAnswer,
  refuse,
  succeed,
  unwrap,
  type BatchNumber,
  type KeyPair,
  type ReexecutionVerdict,
  type UnixMs,
} from "@mira/primitives";
import { eventually, useTestDatabase, useTestNats, type TestDatabase, type TestNats } from "@mira/testing";
import type { SealedSample } from "./samples.ts";

export const NETWORK = "test-net";
const MAIN = path.join(import.meta.dirname, "../src/main.ts");
const START_MS = 15_000;

export type HarnessOptions = {
  readonly executors: readonly KeyPair[];
  readonly reexecutors: readonly KeyPair[];
  readonly accounts: ReadonlyArray<readonly [key: Uint8Array, lamports: bigint]>;
  readonly allocations?: ReadonlyArray<readonly [account: string, units: bigint]>;
  readonly environment?: Readonly<Record<string, string>>;
};

export type Client = GrpcClient<(typeof SettlementServiceClient)["service"]>;

export class Harness {
  readonly database: TestDatabase;
  readonly nats: TestNats;
  readonly messaging: Messaging;
  readonly signer: KeyPair;
  readonly sealed: Map<number, Uint8Array>;
  readonly #folder: string;
  readonly #sequencer: RunningGrpcServer;
  readonly #environment: Record<string, string>;
  #process: ChildProcess | undefined;
  #client: Client | undefined;
  #published = 0;
  readonly log: string[] = [];

  private constructor(parts: {
    database: TestDatabase;
    nats: TestNats;
    messaging: Messaging;
    signer: KeyPair;
    folder: string;
    environment: Record<string, string>;
    server: RunningGrpcServer;
    sealed: Map<number, Uint8Array>;
  }) {
    this.database = parts.database;
    this.nats = parts.nats;
    this.messaging = parts.messaging;
    this.signer = parts.signer;
    this.#folder = parts.folder;
    this.#environment = parts.environment;
    this.#sequencer = parts.server;
    this.sealed = parts.sealed;
  }

  static async open(options: HarnessOptions): Promise<Harness> {
    const sealed = new Map<number, Uint8Array>();
    const [database, nats, server] = await Promise.all([
      useTestDatabase(),
      useTestNats(),
      startSequencer(sealed),
    ]);
    const signer = createKeyPair();
    const folder = await mkdtemp(path.join(tmpdir(), "mira-settlement-"));
    const keyFile = path.join(folder, "key");
    const genesisFile = path.join(folder, "genesis.json");
    await writeFile(keyFile, encodeHex(signer.seed));
    await writeFile(genesisFile, JSON.stringify(toGenesis(options)));
    const messaging = await connectMessaging({
      url: nats.url,
      name: "test",
      signal: new AbortController().signal,
    });
    await messaging.declare({
      streams: [STREAM.batches, STREAM.partitions, STREAM.results, STREAM.verdicts, STREAM.events],
      consumers: [],
    });
    const environment = {
      MIRA_NETWORK_ID: NETWORK,
      MIRA_DATABASE_URL: database.url,
      MIRA_NATS_URL: nats.url,
      MIRA_SEQUENCER_TARGET: server.address,
      MIRA_KEY_FILE: keyFile,
      MIRA_GENESIS_FILE: genesisFile,
      MIRA_SETTLEMENT_EXECUTORS: options.executors.map(({ publicKey }) => encodeBase58(publicKey)).join(","),
      MIRA_SETTLEMENT_REEXECUTORS: options.reexecutors
        .map(({ publicKey }) => encodeBase58(publicKey))
        .join(","),
      MIRA_CHALLENGE_WINDOW: "50ms",
      MIRA_SETTLEMENT_LEASE: "1500ms",
      MIRA_SETTLEMENT_STALE_AFTER: "500ms",
      MIRA_SETTLEMENT_FLUSH_EVERY: "100ms",
      MIRA_LOG_LEVEL: "info",
      ...options.environment,
    };
    const harness = new Harness({ database, nats, messaging, signer, folder, environment, server, sealed });
    await harness.start();
    return harness;
  }

  async start(changes: Readonly<Record<string, string>> = {}): Promise<void> {
    const child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env["PATH"] ?? "", ...this.#environment, ...changes },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    const target = Promise.withResolvers<string>();
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.log.push(line);
      const grpc = findServing(line);
      if (grpc !== undefined) target.resolve(grpc);
    });
    child.stderr.on("data", (chunk: Buffer) => this.log.push(chunk.toString()));
    if (process.env["MIRA_TEST_VERBOSE"] !== undefined)
      child.once("exit", () => console.error(this.log.join("\n")));
    child.once("exit", (code) =>
      target.reject(new Error(`settlement ended with ${code}:\n${this.log.slice(-20).join("\n")}`)),
    );
    const timer = setTimeout(
      () => target.reject(new Error(`settlement does not serve:\n${this.log.join("\n")}`)),
      START_MS,
    );
    const address = await target.promise.finally(() => clearTimeout(timer));
    this.#client?.close();
    this.#client = createGrpcClient(SettlementServiceClient, address);
  }

  get client(): Client {
    if (this.#client === undefined) throw new Error("settlement was not started");
    return this.#client;
  }

  /** kill -9, and wait until it is gone. */
  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<number | null> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
    return child.exitCode;
  }

  async restart(changes: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.kill();
    await this.start(changes);
  }

  async publishSealed(sample: SealedSample): Promise<void> {
    this.sealed.set(sample.batchNumber, sample.bytes);
    await this.publish(SUBJECT.batchSealed, sample.bytes);
  }

  async publishResult(bytes: Uint8Array): Promise<void> {
    await this.publish(SUBJECT.partitionExecuted, bytes);
  }

  async publish(subject: string, payload: Uint8Array, headers: Record<string, string> = {}): Promise<void> {
    await this.messaging.publish({ subject, payload, id: `test-${this.#published++}`, headers });
  }

  async answer(
    reexecutor: KeyPair,
    content: { readonly batch: number; readonly answer: ReexecutionVerdict; readonly resultHash: Uint8Array },
  ): Promise<void> {
    const executorId = encodeBase58(reexecutor.publicKey);
    const at = 1_750_000_001_000 as UnixMs;
    const { batch, answer, resultHash } = content;
    const batchNumber = batch as BatchNumber;
    const reason = answer === "agree" ? "" : "a test says so";
    const signed = encodeReexecutionAnswer({
      networkId: NETWORK,
      batchNumber,
      executorId,
      answer,
      resultHash,
      reason,
      at,
    });
    const message = ReexecutionAnswered.create({
      batchNumber: BigInt(batch),
      executorId,
      answer: { agree: Answer.AGREE, disagree: Answer.DISAGREE, unable: Answer.UNABLE }[answer],
      resultHash,
      reason,
      atMs: BigInt(at),
      signature: reexecutor.sign(signed),
    });
    await this.publish(SUBJECT.batchReexecuted, ReexecutionAnswered.encode(message).finish());
  }

  async status(): Promise<GetStatusResponse> {
    return unwrap(await call(this.client, "getStatus", GetStatusRequest.create({})));
  }

  async waitForSettled(batches: number): Promise<GetStatusResponse> {
    return eventually(
      async () => {
        const status = await this.status();
        return Number(status.settledBatches) >= batches
          ? status
          : Promise.reject(new Error(describe(status)));
      },
      { timeoutMs: 8000 },
    );
  }

  async waitForFinalized(batches: number): Promise<GetStatusResponse> {
    return eventually(
      async () => {
        const status = await this.status();
        return Number(status.finalizedBatches) >= batches
          ? status
          : Promise.reject(new Error(describe(status)));
      },
      { timeoutMs: 8000 },
    );
  }

  async close(): Promise<void> {
    this.#client?.close();
    await this.kill();
    await this.messaging.close();
    await this.#sequencer.stop({ graceMs: 100 });
    await Promise.all([this.nats.close(), this.database.close()]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function describe(status: GetStatusResponse): string {
  const { settledBatches, finalizedBatches, quarantined, haltReason } = status;
  return `settled ${settledBatches}, finalized ${finalizedBatches}, quarantined ${quarantined}, ${haltReason}`;
}

function startSequencer(sealed: ReadonlyMap<number, Uint8Array>): Promise<RunningGrpcServer> {
  const implementation = {
    getSealedBatch: unary((request: { batchNumber: bigint }) => {
      const batch = sealed.get(Number(request.batchNumber));
      return batch === undefined ? refuse("NOT_FOUND", "no such batch") : succeed({ batch });
    }),
  };
  return startGrpcServer({
    services: [{ definition: SequencerServiceService, implementation }],
    host: "127.0.0.1",
    port: 0,
    logger: createLogger({ service: "sequencer", version: "test", level: "fatal" }),
  });
}

function toGenesis({ accounts, allocations = [] }: HarnessOptions): object {
  return {
    accounts: accounts.map(([key, lamports]) => ({ key: encodeBase58(key), lamports: String(lamports) })),
    allocations: allocations.map(([account, units]) => ({ account, units: String(units) })),
  };
}

function findServing(line: string): string | undefined {
  if (!line.includes('"serving"')) return undefined;
  const parsed = JSON.parse(line) as { event?: string; grpc?: string };
  return parsed.event === "serving" ? parsed.grpc : undefined;
}
