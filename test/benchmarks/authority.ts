/**
 * Decisions per second over 1,000 live sessions of 12 caveats each: by the evaluator alone, and through the service on a real
 * Postgres over gRPC. And how long after an accepted revocation a use is still answered with yes, while the session is being used.
 */
import { performance } from "node:perf_hooks";
import {
  describeGrant,
  evaluate,
  UNUSED,
  type ActionRequest,
  type Caveat,
  type Grant,
  type Link,
} from "@mira/authority";
import { call } from "@mira/chassis";
import { encodeBase58, parseLamports, parseUnixMs, unwrap } from "@mira/primitives";
import { useTestDatabase } from "@mira/testing";
import {
  actor,
  friend,
  openSessions,
  owner,
  reservation,
  sign,
  signRevocation,
  START,
  type Sessions,
} from "../../services/sessions/test/sessions.fixture.ts";

const SESSIONS = 1_000;
const PURE_DECISIONS = 200_000;
const SERVICE_DECISIONS = 4_000;
const IN_FLIGHT = 32;
const REVOCATIONS = 100;
const USERS_PER_SESSION = 8;

export type AuthorityReport = {
  readonly benchmark: "authority";
  readonly sessions: number;
  readonly caveats: number;
  /** Allowed and denied alternate. */
  readonly evaluatorPerSecond: number;
  /** Each is durable in Postgres before it is answered. */
  readonly reservationsPerSecond: number;
  /** Denied on the state as it is now, and kept so that it can be explained. */
  readonly denialsPerSecond: number;
  readonly revocations: number;
  /** From the answer to a revocation to the last yes to a use; 0 where every yes came first. Milliseconds. */
  readonly lastYesAfterRevocationP50: number;
  readonly lastYesAfterRevocationP99: number;
  /** Reservations that stand after their revocation in the log: must be 0. */
  readonly admittedAfterRevocation: number;
};

export async function run(): Promise<AuthorityReport> {
  const evaluatorPerSecond = measureEvaluator();
  const database = await useTestDatabase();
  try {
    await using service = await openSessions(database.url);
    const ids = await grantAll(service, SESSIONS);
    const reservationsPerSecond = await measureService(service, ids, 1_000n);
    const denialsPerSecond = await measureService(service, ids, 20_000n);
    const revocation = await measureRevocations(service, ids.slice(0, REVOCATIONS));
    return {
      benchmark: "authority",
      sessions: SESSIONS,
      caveats: scopeOf(0).caveats.length,
      evaluatorPerSecond,
      reservationsPerSecond,
      denialsPerSecond,
      revocations: REVOCATIONS,
      ...revocation,
    };
  } finally {
    await database.close();
  }
}

function scopeOf(index: number): Grant {
  const of = { program: encodeBase58(new Uint8Array(32)), discriminator: "02000000" };
  const amount = (per: Extract<Caveat, { kind: "amount" }>["per"], most: bigint): Caveat => ({
    kind: "amount",
    asset: "lamports",
    per,
    most,
    feesIncluded: false,
  });
  const caveats: readonly Caveat[] = [
    { kind: "instructions", instructions: [of] },
    { kind: "argument", of, offset: 4, type: "u64", operator: "GT", values: [0n] },
    { kind: "accounts", accounts: [encodeBase58(friend)] },
    { kind: "recipients", recipients: [encodeBase58(friend)] },
    { kind: "redeemers", keys: [encodeBase58(actor.publicKey)] },
    { kind: "calls", most: 1_000_000 + index },
    { kind: "rate", most: 1_000, everyMs: 1 },
    { kind: "fees", most: parseLamports(10n ** 15n) },
    amount("transaction", 10_000n),
    amount({ everyMs: 60_000 }, 10n ** 12n),
    amount("lifetime", 10n ** 15n),
    { kind: "loss", asset: "lamports", most: 10_000n },
  ];
  const [startsAt, expiresAt] = [parseUnixMs(START), parseUnixMs(START + 3_000_000)];
  return { sessionKey: encodeBase58(actor.publicKey), startsAt, expiresAt, caveats };
}

function measureEvaluator(): number {
  const chains = Array.from({ length: SESSIONS }, (_, index): readonly Link[] => [
    { sessionId: `s${index}`, owner: OWNER, grant: scopeOf(index), usage: UNUSED, endedAt: undefined },
  ]);
  const requests = [1_000n, 20_000n].map(requestOf);
  const decide = (count: number): number => {
    let allowed = 0;
    for (let at = 0; at < count; at++) {
      const [chain, request] = [chains[at % SESSIONS], requests[at % 2]];
      if (chain !== undefined && request !== undefined && evaluate(chain, request).allowed) allowed++;
    }
    return allowed;
  };
  decide(PURE_DECISIONS / 4);
  const startedAt = performance.now();
  const allowed = decide(PURE_DECISIONS);
  if (allowed !== PURE_DECISIONS / 2) throw new Error(`${allowed} of ${PURE_DECISIONS} were allowed`);
  return perSecond(PURE_DECISIONS, startedAt);
}

const OWNER = encodeBase58(owner.publicKey);

function requestOf(lamports: bigint): ActionRequest {
  const { instructions, feeLamports } = reservation("", lamports);
  const accounts = [owner.publicKey, friend].map(encodeBase58);
  return {
    instructions: instructions.map(({ program, data }) => ({
      program: encodeBase58(program),
      accounts,
      data,
    })),
    writable: accounts,
    signers: [OWNER],
    feePayer: OWNER,
    redeemer: encodeBase58(actor.publicKey),
    feeLamports: parseLamports(feeLamports),
    at: parseUnixMs(START),
  };
}

async function grantAll({ client }: Sessions, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  await inFlight(count, async (index) => {
    const intent = sign(describeGrant(scopeOf(index)));
    const { session } = unwrap(await call(client, "grantSession", { intent }));
    ids.push(session?.sessionId ?? "");
  });
  return ids;
}

async function measureService(service: Sessions, ids: readonly string[], lamports: bigint): Promise<number> {
  const startedAt = performance.now();
  await inFlight(SERVICE_DECISIONS, async (index) => {
    const answer = await call(
      service.client,
      "reserveBudget",
      reservation(ids[index % ids.length] ?? "", lamports),
    );
    if (answer.ok !== lamports <= 10_000n) throw new Error(answer.ok ? "allowed" : answer.code);
  });
  return perSecond(SERVICE_DECISIONS, startedAt);
}

type Revocation = Pick<
  AuthorityReport,
  "lastYesAfterRevocationP50" | "lastYesAfterRevocationP99" | "admittedAfterRevocation"
>;

async function measureRevocations(service: Sessions, ids: readonly string[]): Promise<Revocation> {
  const latencies: number[] = [];
  let admitted = 0;
  for (const sessionId of ids) {
    let lastYes = 0;
    const using = Array.from({ length: USERS_PER_SESSION }, async () => {
      for (;;) {
        const answer = await call(service.client, "reserveBudget", reservation(sessionId, 1_000n));
        if (!answer.ok) return;
        lastYes = performance.now();
      }
    });
    while (lastYes === 0) await new Promise((resolve) => setImmediate(resolve));
    unwrap(await call(service.client, "revokeSession", { intent: signRevocation(sessionId) }));
    const revokedAt = performance.now();
    await Promise.all(using);
    latencies.push(Math.max(0, lastYes - revokedAt));
    admitted += await countAfterRevocation(service, sessionId);
  }
  latencies.sort((left, right) => left - right);
  const at = (share: number): number => round(latencies[Math.floor((latencies.length - 1) * share)] ?? 0);
  return {
    lastYesAfterRevocationP50: at(0.5),
    lastYesAfterRevocationP99: at(0.99),
    admittedAfterRevocation: admitted,
  };
}

async function countAfterRevocation({ store }: Sessions, sessionId: string): Promise<number> {
  const events = await store.readStream(`session-${sessionId}`, { limit: 500 });
  const revoked = events.findIndex(({ type }) => type === "SessionRevoked");
  return revoked === -1 ? 0 : events.slice(revoked).filter(({ type }) => type === "BudgetReserved").length;
}

async function inFlight(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lanes = Array.from({ length: IN_FLIGHT }, async () => {
    while (next < count) await work(next++);
  });
  await Promise.all(lanes);
}

function perSecond(count: number, startedAt: number): number {
  return Math.round((count * 1_000) / (performance.now() - startedAt));
}

const round = (value: number): number => Math.round(value * 100) / 100;
