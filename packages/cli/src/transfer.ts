/** Builds SOL transfers with @solana/kit, the library that integrators use. */
import { getTransferSolInstruction } from "@solana-program/system";
import {
  address,
  appendTransactionMessageInstruction,
  blockhash,
  compileTransaction,
  createKeyPairSignerFromPrivateKeyBytes,
  createNoopSigner,
  createTransactionMessage,
  getTransactionEncoder,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
  type TransactionSigner,
} from "@solana/kit";
import { encodeBase58, type KeyPair } from "@mira/primitives";

export type TransferTerms = {
  readonly to: Uint8Array;
  readonly lamports: bigint;
  readonly blockhash: Uint8Array;
};

/** Wire bytes, signed by `from`, which pays the fee. */
export async function buildTransfer(from: KeyPair, terms: TransferTerms): Promise<Uint8Array> {
  const signer = await createKeyPairSignerFromPrivateKeyBytes(from.seed);
  const signed = await signTransactionMessageWithSigners(compose(signer, terms));
  return new Uint8Array(getTransactionEncoder().encode(signed));
}

/** Wire bytes whose one signature is empty, for a session key to fill. */
export function buildUnsignedTransfer(owner: Uint8Array, terms: TransferTerms): Uint8Array {
  const compiled = compileTransaction(compose(createNoopSigner(address(encodeBase58(owner))), terms));
  return new Uint8Array(getTransactionEncoder().encode(compiled));
}

function compose(source: TransactionSigner, { to, lamports, blockhash: recent }: TransferTerms) {
  // Mira bounds lifetimes by slots, not block heights; kit only carries the figure along.
  const lifetime = { blockhash: blockhash(encodeBase58(recent)), lastValidBlockHeight: 0n };
  return pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayerSigner(source, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
    (message) =>
      appendTransactionMessageInstruction(
        getTransferSolInstruction({ source, destination: address(encodeBase58(to)), amount: lamports }),
        message,
      ),
  );
}
