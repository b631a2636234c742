/** Settlement over gRPC, as the ports want it. */
import { settlement } from "@mira/api";
import { call, createGrpcClient, resumeStream, stream, type GrpcClient } from "@mira/chassis";
import { delay, unwrap, type Lamports } from "@mira/primitives";
import { accountKey, accountKeyBytes, type AccountValue } from "@mira/runtime/wire";
import type { Logger, Progress, SettledAccount, SettledAccounts, SettledLedger } from "./ports.ts";

type Service = typeof settlement.SettlementServiceService;
export type SettlementClient = GrpcClient<Service>;

const READ_DEADLINE_MS = 5_000;
const REOPEN_MS = 200;

export function connectSettlement(target: string): SettlementClient {
  return createGrpcClient(settlement.SettlementServiceClient, target, {
    idempotent: ["getAccounts", "getStatus", "getSettledBatch"],
  });
}

export function createSettledAccounts(client: SettlementClient): SettledAccounts {
  return {
    read: async (keys, signal) => {
      const request = { keys: keys.map(accountKeyBytes), atLeastBatch: 0n, withoutData: false };
      const answer = await call(client, "getAccounts", request, { signal, deadlineMs: READ_DEADLINE_MS });
      return unwrap(answer).accounts.map(toSettledAccount);
    },
  };
}

function toSettledAccount(account: settlement.Account): SettledAccount {
  const value: AccountValue = {
    lamports: account.lamports as Lamports,
    owner: account.owner,
    executable: account.executable,
    rentEpoch: account.rentEpoch,
    data: account.data,
  };
  return {
    key: accountKey(account.key),
    version: Number(account.version),
    value: account.exists ? value : undefined,
  };
}

/** Calls back with every change until the signal aborts, through every interruption. */
export async function followProgress(
  client: SettlementClient,
  options: {
    readonly signal: AbortSignal;
    readonly logger: Logger;
    readonly onProgress: (progress: Progress) => void;
  },
): Promise<void> {
  const { signal, logger, onProgress } = options;
  const open = (): AsyncIterable<settlement.WatchProgressResponse> =>
    resumeStream<settlement.WatchProgressResponse, undefined>({
      open: () => stream(client, "watchProgress", {}, { signal }),
      cursorOf: () => undefined,
      signal,
      onInterrupted: (error, attempts) => {
        if (attempts % 10 === 1)
          logger.warn({ attempts, reason: String(error) }, "settlement does not tell its progress");
      },
    });
  // A server that ends the stream, for example to renew connections, is asked again.
  do {
    for await (const message of open()) onProgress(toProgress(message));
  } while (await delay(REOPEN_MS, signal));
}

function toProgress(message: settlement.WatchProgressResponse): Progress {
  return {
    settledBatches: Number(message.settledBatches),
    settledSequence: Number(message.settledSequence),
    finalizedBatches: Number(message.finalizedBatches),
  };
}

/** Executors whose results settlement refuses, in base58. */
export async function readSetAside(
  client: SettlementClient,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const status = unwrap(await call(client, "getStatus", {}, { signal, deadlineMs: READ_DEADLINE_MS }));
  return new Set(status.executors.filter((info) => info.setAside).map((info) => info.executorId));
}

export function createSettledLedger(client: SettlementClient): SettledLedger {
  return {
    readSnapshot: async function* (signal) {
      for await (const part of stream(client, "streamSnapshot", { executableOnly: false }, { signal }))
        yield {
          finalizedBatches: Number(part.finalizedBatches),
          accounts: part.accounts.map(toSettledAccount),
        };
    },
    readSettled: async (batchNumber, signal) => {
      const request = { batchNumber: BigInt(batchNumber) };
      const answer = await call(client, "getSettledBatch", request, { signal, deadlineMs: READ_DEADLINE_MS });
      return answer.ok ? answer.value.packed : undefined;
    },
  };
}
