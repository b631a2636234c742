/** The executor as the process it is in production. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createKeyPair, encodeBase58, encodeHex } from "@mira/primitives";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

export type ExecutorProcess = {
  readonly executorId: string;
  readonly publicKey: Uint8Array;
  readonly grpcTarget: string;
  readonly process: ChildProcess;
  readonly lines: string[];
  /** Resolves with the exit code, or the signal's name. */
  end(signal: NodeJS.Signals): Promise<number | string>;
};

export async function startExecutorProcess(options: {
  folder: string;
  natsUrl: string;
  settlementTarget: string;
  env?: Record<string, string>;
  execArgv?: string[];
}): Promise<ExecutorProcess> {
  const identity = createKeyPair();
  const executorId = encodeBase58(identity.publicKey);
  const keyFile = path.join(options.folder, `${executorId}.seed`);
  await writeFile(keyFile, encodeHex(identity.seed));
  const child = spawn(process.execPath, [...(options.execArgv ?? []), MAIN], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      MIRA_NETWORK_ID: "test",
      MIRA_NATS_URL: options.natsUrl,
      MIRA_SETTLEMENT_TARGET: options.settlementTarget,
      MIRA_SEQUENCER_TARGET: "127.0.0.1:1",
      MIRA_KEY_FILE: keyFile,
      MIRA_EXECUTOR_COMPARE_EVERY: "5",
      ...options.env,
    },
  });
  const lines: string[] = [];
  const serving = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    const fields = JSON.parse(line) as { event?: string; grpc?: string };
    if (fields.event === "serving") serving.resolve(fields.grpc ?? "");
  });
  child.once("exit", (code) =>
    serving.reject(new Error(`executor ended with ${code ?? "a signal"}:\n${lines.join("\n")}`)),
  );
  const grpcTarget = await serving.promise;
  return {
    executorId,
    publicKey: identity.publicKey,
    grpcTarget,
    process: child,
    lines,
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await once(child, "exit");
      }
      return child.signalCode ?? child.exitCode ?? -1;
    },
  };
}
