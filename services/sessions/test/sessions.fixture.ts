/** The sessions service on a real database, called over real gRPC, at an instant that the test sets. */
import { randomBytes } from "node:crypto";
import { sessions } from "@mira/api";
import {
  call,
  createGrpcClient,
  createLogger,
  createPool,
  startGrpcServer,
  type GrpcClient,
} from "@mira/chassis";
import { openEventStore, type EventStore } from "@mira/event-store";
import {
  createKeyPair,
  describeSessionGrant,
  parseLamports,
  parseUnixMs,
  signIntent,
  unwrap,
  type Intent,
  type KeyPair,
  type SessionGrant,
  type SignedIntent,
} from "@mira/primitives";
import { FakeClock } from "@mira/testing";
import { createSessionsApi } from "../src/api/sessions-api.ts";
import { openAuthorities } from "../src/store/authorities.ts";
import { openRefusedUses } from "../src/store/refused-uses.ts";
import { openSessionTable } from "../src/store/session-table.ts";
import { openSessionTrees } from "../src/store/session-trees.ts";
import type { SessionTrees } from "../src/ports.ts";

export const NETWORK = "mira-test";
export const LIFETIME_MS_MAX = 3_600_000;
export const START = 1_800_000_000_000;
export const owner = createKeyPair(new Uint8Array(32).fill(1));
export const actor = createKeyPair(new Uint8Array(32).fill(2));
export const friend = createKeyPair(new Uint8Array(32).fill(3)).publicKey;
export const stranger = createKeyPair(new Uint8Array(32).fill(4));
const SYSTEM_PROGRAM = new Uint8Array(32);
export const SILENT = createLogger({ service: "test", version: "0", level: "silent" });

export type Sessions = AsyncDisposable & {
  readonly store: EventStore;
  readonly trees: SessionTrees;
  readonly client: GrpcClient<typeof sessions.SessionsServiceService>;
  readonly clock: FakeClock;
};

/** Opened twice over one database, the second is the service after a restart, or its replica. */
export async function openSessions(databaseUrl: string, clock = new FakeClock(START)): Promise<Sessions> {
  const pool = createPool(databaseUrl, { max: 8, name: "sessions", logger: SILENT });
  const store = openEventStore({ pool, schema: "sessions" });
  await store.migrate();
  const table = openSessionTable(pool);
  const trees = openSessionTrees({ pool, store, table, onDecided: () => undefined });
  const refusedUses = openRefusedUses(pool);
  for (const { migrate } of [table, trees, refusedUses]) await migrate();
  const implementation = createSessionsApi({
    networkId: NETWORK,
    lifetimeMsMax: LIFETIME_MS_MAX,
    trees,
    authorities: openAuthorities(store),
    refusedUses,
    list: table,
    clock,
  });
  const server = await startGrpcServer({
    services: [{ definition: sessions.SessionsServiceService, implementation }],
    host: "127.0.0.1",
    port: 0,
    logger: SILENT,
  });
  const client = createGrpcClient(sessions.SessionsServiceClient, server.address);
  return {
    store,
    trees,
    client,
    clock,
    async [Symbol.asyncDispose]() {
      client.close();
      await server.stop({ graceMs: 0 });
      await pool.end();
    },
  };
}

export function grantOf(change: Partial<SessionGrant> = {}): SessionGrant {
  return {
    sessionKey: actor.publicKey,
    recipients: [friend],
    limitLamports: parseLamports(1_000_000n),
    startsAt: parseUnixMs(START),
    expiresAt: parseUnixMs(START + 600_000),
    ...change,
  };
}

export function sign(
  fields: Intent["fields"],
  {
    purpose = "session.grant",
    signer = owner,
    networkId = NETWORK,
    at = START,
    account = signer.publicKey,
  }: SignOptions = {},
): SignedIntent {
  const requestId = randomBytes(16);
  const notAfter = parseUnixMs(at + 60_000);
  return signIntent({ networkId, purpose, account, epoch: 0, requestId, notAfter, fields }, signer);
}

export type SignOptions = {
  readonly purpose?: Intent["purpose"];
  readonly signer?: KeyPair;
  readonly networkId?: string;
  readonly at?: number;
  readonly account?: Uint8Array;
};

export function signGrant(change: Partial<SessionGrant> = {}, options: SignOptions = {}): SignedIntent {
  return sign(describeSessionGrant(grantOf(change)), options);
}

export async function grant(
  { client }: Sessions,
  change: Partial<SessionGrant> = {},
  options: SignOptions = {},
): Promise<string> {
  const { session } = unwrap(await call(client, "grantSession", { intent: signGrant(change, options) }));
  return session?.sessionId ?? "";
}

export function signRevocation(sessionId: string, at = START): SignedIntent {
  return sign([["session", sessionId]], { purpose: "session.revoke", at });
}

/** What the sequencer asks before it admits a transfer of `lamports` to the friend. */
export function reservation(
  sessionId: string,
  lamports: bigint,
  change: Partial<sessions.ReserveBudgetRequest> = {},
): sessions.ReserveBudgetRequest {
  return {
    sessionId,
    messageHash: randomBytes(32),
    transfers: [],
    programs: [],
    feeLamports: 5_000n,
    signers: [owner.publicKey],
    writable: [owner.publicKey, friend],
    instructions: [transfer(lamports)],
    ...change,
  };
}

export function transfer(
  lamports: bigint,
  to: Uint8Array = friend,
  from: Uint8Array = owner.publicKey,
): sessions.ActionInstruction {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2, 0);
  data.writeBigUInt64LE(lamports, 4);
  return { program: SYSTEM_PROGRAM, accounts: [from, to], data };
}
