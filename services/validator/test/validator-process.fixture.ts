/** A validator as its operator runs it, a process with an environment, and a verifier on the other side of its stream. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { verifier } from "@mira/api";
import { createLogger, serverStream, startGrpcServer, unary } from "@mira/chassis";
import { encodeHex, succeed } from "@mira/primitives";

export const NETWORK = "mira-test";
export const SEED = new Uint8Array(32).fill(9);

export type ScriptedVerifier = {
  readonly target: string;
  readonly send: (event: verifier.WatchAssignmentsResponse["event"]) => void;
  /** Resolves when whoever watched is gone. */
  readonly unwatched: () => Promise<void>;
  readonly commits: AsyncQueue<verifier.CommitAttestationsRequest>;
  readonly reveals: AsyncQueue<verifier.RevealAttestationsRequest>;
};

export type AsyncQueue<T> = { readonly push: (item: T) => void; readonly next: () => Promise<T> };

/** Speaks the verifier's contract over gRPC: sends what it is told to send, and hands on what it is sent. */
export async function startScriptedVerifier(context: TestContext): Promise<ScriptedVerifier> {
  // What is sent while nobody watches waits for whoever comes next.
  let events = createQueue<verifier.WatchAssignmentsResponse>();
  let left = Promise.withResolvers<undefined>();
  const [commits, reveals] = [
    createQueue<verifier.CommitAttestationsRequest>(),
    createQueue<verifier.RevealAttestationsRequest>(),
  ];
  const server = await startGrpcServer({
    host: "127.0.0.1",
    port: 0,
    logger: createLogger({ service: "verifier", version: "0", level: "fatal" }),
    services: [
      {
        definition: verifier.VerifierServiceService,
        implementation: {
          watchAssignments: serverStream(async function* (_request, call) {
            const own = events;
            left = Promise.withResolvers();
            call.signal.addEventListener("abort", () => {
              if (events === own) events = createQueue();
              left.resolve(undefined);
            });
            for (;;) yield await own.next();
          }),
          commitAttestations: unary((request: verifier.CommitAttestationsRequest) => {
            commits.push(request);
            return succeed({});
          }),
          revealAttestations: unary((request: verifier.RevealAttestationsRequest) => {
            reveals.push(request);
            return succeed({});
          }),
        },
      },
    ],
  });
  context.after(() => server.stop({ graceMs: 100 }));
  return {
    target: server.address,
    commits,
    reveals,
    send: (event) => events.push({ event }),
    unwatched: () => left.promise,
  };
}

function createQueue<T>(): AsyncQueue<T> {
  const items: T[] = [];
  const waiting: ((item: T) => void)[] = [];
  return {
    push: (item) => {
      const taker = waiting.shift();
      if (taker === undefined) items.push(item);
      else taker(item);
    },
    next: () => {
      const item = items.shift();
      return item === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(item);
    },
  };
}

export type RunningValidator = {
  readonly folder: string;
  readonly output: () => string;
  /** By SIGTERM; resolves with the exit code. */
  readonly stop: () => Promise<number | null>;
  readonly exited: Promise<number | null>;
};

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** `env` is laid over what every validator needs. */
export async function startValidator(
  context: TestContext,
  env: Readonly<Record<string, string>>,
  kept?: string,
): Promise<RunningValidator> {
  const folder = kept ?? (await mkdtemp(path.join(tmpdir(), "mira-validator-")));
  if (kept === undefined) context.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, "key"), encodeHex(SEED));
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env["PATH"],
      MIRA_NETWORK_ID: NETWORK,
      MIRA_KEY_FILE: path.join(folder, "key"),
      MIRA_VALIDATOR_JOURNAL: path.join(folder, "journal"),
      MIRA_VALIDATOR_STATE_FOLDER: path.join(folder, "state"),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const pipe of [child.stdout, child.stderr])
    pipe.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
  const stop = (): Promise<number | null> => {
    child.kill("SIGTERM");
    return exited;
  };
  context.after(stop);
  return { folder, output: () => output, stop, exited };
}
