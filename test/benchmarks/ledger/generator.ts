/** Sends signed transactions over gRPC: as fast as they are taken, or at a steady rate. Backpressure is waited out, never an error. */
import { Client, credentials } from "@grpc/grpc-js";
import { sequencer } from "@mira/api";
import { CallError, callUnary } from "@mira/client";
import { delay, REFUSAL_CODES, type Refusal } from "@mira/primitives";
import { toRuns, type Sent } from "./stage-latencies.ts";

export type Sending = {
  readonly sent: readonly Sent[];
  /** When each call was answered, for the sequenced stage. */
  readonly answers: readonly Answer[];
  /** Transactions sent again because a queue was full. */
  readonly pushedBack: number;
  /** Refusals that were not backpressure, by code. */
  readonly refused: Readonly<Record<string, number>>;
  /** One above the highest sequence number that was given. */
  readonly endSequence: number;
};

export type Answer = { readonly count: number; readonly latencyMs: number };

export type Generator = {
  /** Closed loop: `inFlight` calls of `callSize`, the next as soon as one is answered. */
  readonly saturate: (
    transactions: readonly Buffer[],
    load: { readonly callSize: number; readonly inFlight: number; readonly signal: AbortSignal },
  ) => Promise<Sending>;
  /** Open loop: what is due is sent at every tick, answered or not, and latency counts from when it was due. */
  readonly pace: (
    transactions: readonly Buffer[],
    load: { readonly perSecond: number; readonly tickMs: number; readonly signal: AbortSignal },
  ) => Promise<Sending>;
  readonly close: () => void;
};

const SUBMIT = sequencer.SequencerServiceService.submitTransactions;
const REFUSED = 2n ** 64n - 1n;
const RETRY_MS = 20;
const DEADLINE_MS = 30_000;
const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;
/** An open loop that the system cannot follow must not pile up without end. */
const PACED_IN_FLIGHT_MAX = 256;

export function createGenerator(target: string): Generator {
  const channel = new Client(target, credentials.createInsecure(), {
    "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
    "grpc.max_send_message_length": MESSAGE_BYTES_MAX,
  });
  return {
    async saturate(transactions, { callSize, inFlight, signal }) {
      const log = createLog();
      let next = 0;
      const work = async (): Promise<void> => {
        while (next < transactions.length) {
          const call = transactions.slice(next, (next += callSize));
          await submit(channel, call, { log, dueAt: performance.now(), signal });
        }
      };
      await Promise.all(Array.from({ length: inFlight }, work));
      return log;
    },
    async pace(transactions, load) {
      const log = createLog();
      await sendPaced(channel, transactions, { ...load, log });
      return log;
    },
    close: () => channel.close(),
  };
}

type Log = {
  sent: Sent[];
  answers: Answer[];
  pushedBack: number;
  refused: Record<string, number>;
  endSequence: number;
};

function createLog(): Log {
  return { sent: [], answers: [], pushedBack: 0, refused: {}, endSequence: 0 };
}

async function sendPaced(
  channel: Client,
  transactions: readonly Buffer[],
  load: { perSecond: number; tickMs: number; signal: AbortSignal; log: Log },
): Promise<void> {
  const { perSecond, tickMs, signal, log } = load;
  const startedAt = performance.now();
  const flying = new Set<Promise<void>>();
  let next = 0;
  for (let tick = 1; next < transactions.length; tick += 1) {
    const dueAt = startedAt + tick * tickMs;
    if (!(await delay(Math.max(0, dueAt - performance.now()), signal))) break;
    const upTo = Math.min(transactions.length, Math.round((tick * tickMs * perSecond) / 1000));
    if (flying.size >= PACED_IN_FLIGHT_MAX) await Promise.race(flying);
    if (upTo > next) {
      const call = submit(channel, transactions.slice(next, upTo), { log, dueAt, signal });
      flying.add(call);
      void call.finally(() => flying.delete(call)).catch(() => undefined);
    }
    next = Math.max(next, upTo);
  }
  await Promise.all(flying);
}

type Submission = { readonly log: Log; readonly dueAt: number; readonly signal: AbortSignal };

/** Sends until every transaction has its number or a refusal that is final. */
async function submit(
  channel: Client,
  transactions: readonly Buffer[],
  { log, dueAt, signal }: Submission,
): Promise<void> {
  let left = transactions;
  while (left.length > 0 && !signal.aborted) {
    const { numbers, again, retryMs } = await submitOnce(channel, left, { log, signal });
    if (numbers.length > 0) {
      log.sent.push(...toRuns(numbers, dueAt));
      log.answers.push({ count: numbers.length, latencyMs: performance.now() - dueAt });
      log.endSequence = Math.max(log.endSequence, (numbers.at(-1) ?? -1) + 1);
    }
    log.pushedBack += again.length;
    left = again;
    if (left.length > 0) await delay(retryMs, signal);
  }
}

type Outcome = { readonly numbers: number[]; readonly again: readonly Buffer[]; readonly retryMs: number };

async function submitOnce(
  channel: Client,
  transactions: readonly Buffer[],
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<Outcome> {
  const request = { transactions: transactions as Buffer[], sessions: [] };
  const result = await callUnary(channel, SUBMIT, request, { deadlineMs: DEADLINE_MS, signal }).catch(
    (error: unknown) => {
      if (error instanceof CallError && error.status === "RESOURCE_EXHAUSTED") return undefined;
      throw error;
    },
  );
  if (result === undefined) return { numbers: [], again: transactions, retryMs: RETRY_MS };
  if (!result.ok) {
    if (isBackpressure(result.code))
      return { numbers: [], again: transactions, retryMs: readRetryMs(result.details) };
    count(log, result.code, transactions.length);
    return { numbers: [], again: [], retryMs: 0 };
  }
  return sortAnswer(transactions, result.value, log);
}

function sortAnswer(
  transactions: readonly Buffer[],
  { sequenceNumbers, refusals }: sequencer.SubmitTransactionsResponse,
  log: Log,
): Outcome {
  const again: Buffer[] = [];
  let retryMs = RETRY_MS;
  for (const { index, refusal } of refusals) {
    const code = refusal?.code ?? "UNKNOWN";
    const transaction = transactions[index];
    if (transaction === undefined) continue;
    if (isBackpressure(code)) {
      again.push(transaction);
      retryMs = readRetryMs(refusal?.details ?? {});
    } else count(log, code, 1);
  }
  const numbers = sequenceNumbers.filter((number) => number !== REFUSED).map(Number);
  return { numbers, again, retryMs };
}

function isBackpressure(code: string): boolean {
  return code in REFUSAL_CODES && REFUSAL_CODES[code as Refusal["code"]].status === "RESOURCE_EXHAUSTED";
}

function readRetryMs(details: Readonly<Record<string, string>>): number {
  const asked = Number(details["retryAfterMs"]);
  return Number.isFinite(asked) && asked > 0 ? Math.min(asked, 1_000) : RETRY_MS;
}

function count(log: Log, code: string, by: number): void {
  log.refused[code] = (log.refused[code] ?? 0) + by;
}
