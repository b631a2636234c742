/**
 * Sessions are judged by effects: what left an owner's account may not exceed what the session's transactions were admitted
 * for. An owner who also signed something in the same result spends by own authority, and is not judged here.
 */
import { encodeBase58, refuse, type Refusal } from "@mira/primitives";
import { getResult, findBefore, type ValueCheck } from "./check-value.ts";
import {
  STATUS_NOT_EXECUTED,
  STATUS_SUCCEEDED,
  pairToBigInt,
  type BatchFacts,
  type SessionFact,
} from "./facts.ts";

export function checkSessions(check: ValueCheck): Refusal<"SESSION_OVERSPENT"> | undefined {
  const { batch } = check;
  if (batch.sessions.length === 0) return undefined;
  const result = getResult(check);
  const allowed = sumAllowances(batch, result.sequences);
  for (let write = 0; write < result.writeKey.length && allowed.size > 0; write++) {
    const owner = result.writeKey[write] ?? 0;
    const allowance = allowed.get(owner);
    if (allowance === undefined) continue;
    const before = findBefore(check, write);
    const spent = pairToBigInt(before.pairs, before.at) - pairToBigInt(result.writeLamports, write);
    if (spent > allowance)
      return refuse("SESSION_OVERSPENT", "more left the owner than the session's transactions reserved", {
        owner: encodeBase58(batch.keys.key(owner)),
        reserved: allowance,
        spent,
      });
  }
  return undefined;
}

/** By owner, what the session transactions of these sequences may take; owners who spend otherwise as well are left out. */
function sumAllowances(batch: BatchFacts, sequences: Float64Array): Map<number, bigint> {
  const sessions = new Map(batch.sessions.map((session) => [session.transaction, session]));
  const allowed = new Map<number, bigint>();
  const mixed = new Set<number>();
  for (const sequence of sequences) {
    const session = sessions.get(sequence - batch.firstSequence);
    if (session === undefined) continue;
    const most = session.transferLamports + pairToBigInt(batch.fees, session.transaction);
    allowed.set(session.owner, (allowed.get(session.owner) ?? 0n) + most);
  }
  for (const sequence of sequences) {
    const transaction = sequence - batch.firstSequence;
    if (!sessions.has(transaction)) listSigners(batch, transaction, mixed);
  }
  for (const owner of mixed) allowed.delete(owner);
  return allowed;
}

/** Anyone a transaction locks for writing may have signed it; to be sure of no false alarm, all of them are taken. */
function listSigners(batch: BatchFacts, transaction: number, into: Set<number>): void {
  const end = batch.lockStart[transaction + 1] ?? 0;
  for (let at = batch.lockStart[transaction] ?? 0; at < end; at++)
    if (batch.lockIsWrite[at] === 1) into.add(batch.lockKey[at] ?? 0);
}

export type SessionOutcome = {
  readonly sequence: number;
  readonly sessionId: string;
  readonly messageHash: Uint8Array;
  readonly succeeded: boolean;
  /** Lamports that left the owner, fee included. */
  readonly spentLamports: bigint;
};

/** How each session transaction of the batch ended, for the budgets of the sessions service. */
export function describeOutcome(batch: BatchFacts, session: SessionFact, status: number): SessionOutcome {
  const fee = status === STATUS_NOT_EXECUTED ? 0n : pairToBigInt(batch.fees, session.transaction);
  const succeeded = status === STATUS_SUCCEEDED;
  return {
    sequence: batch.firstSequence + session.transaction,
    sessionId: session.sessionId,
    messageHash: session.messageHash,
    succeeded,
    spentLamports: fee + (succeeded ? session.transferLamports : 0n),
  };
}
