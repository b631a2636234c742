/** Transactions: submit, wait for a commitment, read receipts, accounts and proofs. */
import type { Client } from "@grpc/grpc-js";
import { sequencer, settlement, types } from "@mira/api";
import {
  parseSequenceNumber,
  parseSlot,
  parseUnixMs,
  refuse,
  succeed,
  type Lamports,
  type Result,
  type SequenceNumber,
  type Slot,
  type UnixMs,
} from "@mira/primitives";
import { callStream, callUnary, type CallSettings } from "./call.ts";

export type Commitment = "processed" | "confirmed" | "finalized";
export type Stage = "sequenced" | "executed" | "settled" | "finalized";

export type Receipt = {
  readonly sequenceNumber: SequenceNumber;
  readonly batchNumber: number;
  /** First signature, 64 bytes. */
  readonly transactionId: Uint8Array;
  readonly stage: Stage;
  readonly succeeded: boolean;
  /** "ok", or what went wrong. */
  readonly status: string;
  readonly feeLamports: Lamports;
  readonly computeUnits: number;
  readonly logs: readonly string[];
  readonly reversibleUntil: UnixMs;
  /** What would have to happen to reverse it, and by whom; empty once finalized. */
  readonly reversal: string;
  /** When each stage was reached; absent where it was not. */
  readonly times: Readonly<Partial<Record<Stage, UnixMs>>>;
  readonly writtenAccounts: readonly Uint8Array[];
  readonly sessionId: string | undefined;
};

export type Submitted = {
  readonly sequenceNumber: SequenceNumber;
  readonly transactionId: Uint8Array;
  readonly sequencedAt: UnixMs;
};
export type SubmitOutcome = Result<SequenceNumber>;

export type LedgerClient = {
  /** `sessionId` when a session key signed in the owner's slot. Resolves when the transaction is durable and ordered. */
  readonly submitTransaction: (
    transaction: Uint8Array,
    options?: CallSettings & { readonly sessionId?: string },
  ) => Promise<Result<Submitted>>;
  /** Up to 1,024 at once, in order; each is sequenced or refused on its own. */
  readonly submitTransactions: (
    transactions: readonly Uint8Array[],
    settings?: CallSettings,
  ) => Promise<Result<readonly SubmitOutcome[]>>;
  readonly getLatestBlockhash: (
    settings?: CallSettings,
  ) => Promise<Result<{ readonly blockhash: Uint8Array; readonly lastValidSlot: Slot }>>;
  readonly waitForCommitment: (
    sequenceNumber: SequenceNumber,
    commitment: Commitment,
    settings?: CallSettings,
  ) => Promise<Result<Receipt>>;
  readonly getReceipt: (by: SequenceNumber | Uint8Array, settings?: CallSettings) => Promise<Result<Receipt>>;
  readonly getReceiptProof: (
    sequenceNumber: SequenceNumber,
    settings?: CallSettings,
  ) => Promise<Result<types.ReceiptProof>>;
  readonly getAccounts: (
    keys: readonly Uint8Array[],
    settings?: CallSettings & { readonly atLeastBatch?: number },
  ) => Promise<Result<settlement.GetAccountsResponse>>;
  readonly watchProgress: (
    settings?: CallSettings,
  ) => AsyncGenerator<settlement.WatchProgressResponse, void, void>;
};

export type LedgerChannels = { readonly sequencer: Client; readonly settlement: Client };

const ORDER = sequencer.SequencerServiceService;
const TRUTH = settlement.SettlementServiceService;

const REFUSED = 2n ** 64n - 1n;
/** Bound of a wait that names none: the server answers DEADLINE_EXCEEDED after it. */
const WAIT_MS_DEFAULT = 30_000;
const COMMITMENTS = {
  processed: types.Commitment.PROCESSED,
  confirmed: types.Commitment.CONFIRMED,
  finalized: types.Commitment.FINALIZED,
} as const satisfies Record<Commitment, types.Commitment>;

export function createLedgerClient(channels: LedgerChannels): LedgerClient {
  const { sequencer: orders, settlement: truth } = channels;
  return {
    async submitTransaction(transaction, { sessionId = "", ...settings } = {}) {
      const response = await callUnary(orders, ORDER.submitTransaction, { transaction, sessionId }, settings);
      if (!response.ok) return response;
      const { sequenceNumber, transactionId, sequencedMs } = response.value;
      return succeed({
        sequenceNumber: parseSequenceNumber(sequenceNumber),
        transactionId,
        sequencedAt: parseUnixMs(sequencedMs),
      });
    },
    async submitTransactions(transactions, settings) {
      const response = await callUnary(
        orders,
        ORDER.submitTransactions,
        { transactions: [...transactions], sessions: [] },
        settings,
      );
      return response.ok ? succeed(toOutcomes(response.value)) : response;
    },
    async getLatestBlockhash(settings) {
      const response = await callUnary(orders, ORDER.getLatestBlockhash, {}, settings);
      return response.ok
        ? succeed({
            blockhash: response.value.blockhash,
            lastValidSlot: parseSlot(response.value.lastValidSlot),
          })
        : response;
    },
    waitForCommitment: async (sequenceNumber, commitment, settings) =>
      toReceiptResult(
        await callUnary(
          truth,
          TRUTH.waitForCommitment,
          { sequenceNumber: BigInt(sequenceNumber), commitment: COMMITMENTS[commitment] },
          { deadlineMs: WAIT_MS_DEFAULT, ...settings },
        ),
      ),
    getReceipt: async (by, settings) =>
      toReceiptResult(
        await callUnary(
          truth,
          TRUTH.getReceipt,
          {
            by:
              typeof by === "number"
                ? { $case: "sequenceNumber", value: BigInt(by) }
                : { $case: "transactionId", value: by },
          },
          settings,
        ),
      ),
    async getReceiptProof(sequenceNumber, settings) {
      const response = await callUnary(
        truth,
        TRUTH.getReceiptProof,
        { sequenceNumber: BigInt(sequenceNumber) },
        settings,
      );
      if (!response.ok) return response;
      const { proof } = response.value;
      return proof === undefined ? refuse("NOT_FOUND", "the answer has no proof") : succeed(proof);
    },
    getAccounts: (keys, { atLeastBatch = 0, ...settings } = {}) =>
      callUnary(
        truth,
        TRUTH.getAccounts,
        { keys: [...keys], atLeastBatch: BigInt(atLeastBatch), withoutData: false },
        settings,
      ),
    watchProgress: (settings) => callStream(truth, TRUTH.watchProgress, {}, settings),
  };
}

function toOutcomes({
  sequenceNumbers,
  refusals,
}: sequencer.SubmitTransactionsResponse): readonly SubmitOutcome[] {
  const refused = new Map(refusals.map(({ index, refusal }) => [index, refusal]));
  return sequenceNumbers.map((sequenceNumber, index) => {
    if (sequenceNumber !== REFUSED) return succeed(parseSequenceNumber(sequenceNumber));
    const refusal = refused.get(index);
    return {
      ok: false,
      code: (refusal?.code ?? "REQUEST_INVALID") as "REQUEST_INVALID",
      message: refusal?.message ?? "refused without a reason",
      details: refusal?.details ?? {},
    };
  });
}

function toReceiptResult(response: Result<{ readonly receipt: types.Receipt | undefined }>): Result<Receipt> {
  if (!response.ok) return response;
  const { receipt } = response.value;
  return receipt === undefined
    ? refuse("NOT_FOUND", "the answer has no receipt")
    : succeed(toReceipt(receipt));
}

const STAGES: Readonly<Record<number, Stage>> = {
  [types.Stage.SEQUENCED]: "sequenced",
  [types.Stage.EXECUTED]: "executed",
  [types.Stage.SETTLED]: "settled",
  [types.Stage.FINALIZED]: "finalized",
};

function toReceipt(message: types.Receipt): Receipt {
  const { sequencedMs = 0n, executedMs = 0n, settledMs = 0n, finalizedMs = 0n } = message.times ?? {};
  const times = Object.entries({
    sequenced: sequencedMs,
    executed: executedMs,
    settled: settledMs,
    finalized: finalizedMs,
  }).filter(([, at]) => at > 0n);
  return {
    sequenceNumber: parseSequenceNumber(message.sequenceNumber),
    batchNumber: Number(message.batchNumber),
    transactionId: message.transactionId,
    stage: STAGES[message.stage] ?? "sequenced",
    succeeded: message.succeeded,
    status: message.status,
    feeLamports: message.feeLamports as Lamports,
    computeUnits: Number(message.computeUnits),
    logs: message.logs,
    reversibleUntil: parseUnixMs(message.reversibleUntilMs),
    reversal: message.reversal,
    times: Object.fromEntries(times.map(([stage, at]) => [stage, parseUnixMs(at)])),
    writtenAccounts: message.writtenAccounts,
    sessionId: message.sessionId === "" ? undefined : message.sessionId,
  };
}
