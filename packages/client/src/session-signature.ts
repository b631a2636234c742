/** Puts a session key's signature into the owner's slot of a transaction that a wallet or @solana/kit compiled. */
import { refuse, succeed, type KeyPair, type Result } from "@mira/primitives";

const SIGNATURE_BYTES = 64;

/**
 * `transaction`: Solana wire bytes with the session's owner as fee payer and only signer; its one signature may be empty. The
 * message stays as it is, so it is sent together with the session's id.
 */
export function signWithSession(
  transaction: Uint8Array,
  sessionKey: KeyPair,
): Result<Uint8Array, "SESSION_ACTION_DENIED"> {
  if (transaction[0] !== 1 || transaction.length <= 1 + SIGNATURE_BYTES)
    return refuse("SESSION_ACTION_DENIED", "a session's transaction has exactly one signature, its owner's", {
      needed: 1,
      got: transaction[0] ?? 0,
    });
  const signed = Uint8Array.from(transaction);
  signed.set(sessionKey.sign(transaction.subarray(1 + SIGNATURE_BYTES)), 1);
  return succeed(signed);
}
