/** The canonical bytes that an independent executor signs when it answers about a settled batch. */
import { CanonicalWriter } from "./canonical.ts";
import { verifySignature } from "./ed25519.ts";
import type { BatchNumber, UnixMs } from "./quantities.ts";

export const REEXECUTION_DOMAIN = "mira:reexecution:v1";

export type ReexecutionVerdict = "agree" | "disagree" | "unable";
const ANSWERS: readonly ReexecutionVerdict[] = ["agree", "disagree", "unable"];

export type ReexecutionAnswer = {
  readonly networkId: string;
  readonly batchNumber: BatchNumber;
  /** The executor's 32-byte public key in base58. */
  readonly executorId: string;
  readonly answer: ReexecutionVerdict;
  /** The batch-level result hash that the executor came to; empty when unable. */
  readonly resultHash: Uint8Array;
  readonly reason: string;
  readonly at: UnixMs;
};

export function encodeReexecutionAnswer(answer: ReexecutionAnswer): Uint8Array {
  return new CanonicalWriter()
    .text(REEXECUTION_DOMAIN)
    .text(answer.networkId)
    .u64(answer.batchNumber)
    .text(answer.executorId)
    .u8(ANSWERS.indexOf(answer.answer))
    .bytes(answer.resultHash)
    .text(answer.reason)
    .u64(answer.at)
    .finish();
}

/** Against `publicKey`; that it is the key of `executorId`, and a known one, is the caller's rule. */
export function verifyReexecutionAnswer(
  answer: ReexecutionAnswer,
  publicKey: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verifySignature(publicKey, encodeReexecutionAnswer(answer), signature);
}
