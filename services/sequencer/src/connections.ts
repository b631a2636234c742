/** The ports on settlement, sessions and NATS, over their clients. */
import { sessions, settlement } from "@mira/api";
import { call, createGrpcClient, runDetached, stream } from "@mira/chassis";
import { STREAM, type Messaging } from "@mira/messaging";
import { succeed, unwrap, type Result } from "@mira/primitives";
import { accountKey } from "@mira/runtime/wire";
import type { Outlet, Sessions, SessionView, Settlement } from "./ports.ts";

/** Shorter than a caller's patience: what waits for settlement holds up a submission. */
const READ_DEADLINE_MS = 5_000;
const SNAPSHOT_DEADLINE_MS = 120_000;
const PUBLISH_DEADLINE_MS = 3_000;
const STREAMS = [STREAM.batches, STREAM.partitions, STREAM.results, STREAM.events];

export type Connected<Port> = Port & { readonly close: () => void };

/** Reads are shared by many callers, so they outlive the call that happens to start them. */
export function connectSettlement(target: string): Connected<Settlement> {
  const client = createGrpcClient(settlement.SettlementServiceClient, target, {
    deadlineMs: READ_DEADLINE_MS,
    idempotent: ["getAccounts", "getStatus"],
  });
  return {
    close: client.close,
    readAccounts: (keys, { withData }) =>
      runDetached(async () => {
        const request = { keys: [...keys], atLeastBatch: 0n, withoutData: !withData };
        const response = unwrap(await call(client, "getAccounts", request));
        return { accounts: response.accounts, settledBatches: Number(response.settledBatches) };
      }),
    readSettledBatches: () =>
      runDetached(async () => Number(unwrap(await call(client, "getStatus", {})).settledBatches)),
    readPrograms: async () => {
      const programs: string[] = [];
      for await (const { accounts } of stream(
        client,
        "streamSnapshot",
        { executableOnly: true },
        { deadlineMs: SNAPSHOT_DEADLINE_MS },
      ))
        for (const { key, executable } of accounts) if (executable) programs.push(accountKey(key));
      return programs;
    },
  };
}

export function connectSessions(target: string): Connected<Sessions> {
  const client = createGrpcClient(sessions.SessionsServiceClient, target, {
    deadlineMs: READ_DEADLINE_MS,
    idempotent: ["getSession", "reserveBudget", "releaseBudget"],
  });
  return {
    close: client.close,
    readSession: (sessionId) =>
      runDetached(async () => {
        const response = await call(client, "getSession", { sessionId });
        return response.ok ? toSessionView(response.value) : response;
      }),
    reserveBudget: async (request) => {
      const reserved = await call(client, "reserveBudget", {
        sessionId: request.sessionId,
        messageHash: request.messageHash,
        feeLamports: request.feeLamports,
        signers: [...request.signers],
        instructions: request.instructions.map((instruction) => ({
          ...instruction,
          accounts: [...instruction.accounts],
        })),
        writable: [...request.writable],
        transfers: [],
        programs: [],
      });
      return reserved.ok ? succeed(undefined) : reserved;
    },
    releaseBudget: (request) =>
      runDetached(async () => {
        unwrap(await call(client, "releaseBudget", request));
      }),
  };
}

function toSessionView({ session }: sessions.GetSessionResponse): Result<SessionView> {
  if (session === undefined) throw new Error("sessions answered without a session");
  return succeed({
    id: session.sessionId,
    owner: session.owner,
    key: session.sessionKey,
    startsAt: Number(session.startsMs),
    expiresAt: Number(session.expiresMs),
    isRevoked: session.status === sessions.SessionStatus.REVOKED,
  });
}

export function createOutlet(messaging: Messaging): Outlet {
  return {
    publish: async (messages) => {
      await messaging.publishMany(messages, { deadlineMs: PUBLISH_DEADLINE_MS });
    },
    declare: async () => {
      await messaging.declare({ streams: STREAMS, consumers: [] });
    },
  };
}
