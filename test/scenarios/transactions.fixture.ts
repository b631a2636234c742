/** Transactions as an integrator builds them, with @solana/kit, signed with the development keys. */
import type { KeyPair } from "@mira/client";
import { encodeBase58 } from "@mira/client";
import type { FixtureInstruction } from "@mira/runtime/fixtures";
import { getTransferSolInstruction } from "@solana-program/system";
import {
  AccountRole,
  address,
  appendTransactionMessageInstructions,
  blockhash,
  compileTransaction,
  compressTransactionMessageUsingAddressLookupTables,
  createNoopSigner,
  createTransactionMessage,
  getTransactionEncoder,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
  type Address,
  type AddressesByLookupTableAddress,
  type Instruction,
  type SignatureBytes,
  type TransactionSigner,
} from "@solana/kit";

export type TransactionTerms = {
  /** 0 unless told. */
  readonly version?: "legacy" | 0;
  readonly payer: KeyPair;
  /** Besides the payer. */
  readonly signers?: readonly KeyPair[];
  readonly blockhash: Uint8Array;
  readonly instructions: readonly Instruction[];
  readonly tables?: AddressesByLookupTableAddress;
};

/** Wire bytes. */
export function buildTransaction(terms: TransactionTerms): Uint8Array {
  const compiled = compileTransaction(compose(terms));
  const signatures = Object.fromEntries(
    [terms.payer, ...(terms.signers ?? [])].map((keyPair) => [
      addressOf(keyPair.publicKey),
      keyPair.sign(new Uint8Array(compiled.messageBytes)) as SignatureBytes,
    ]),
  );
  return new Uint8Array(
    getTransactionEncoder().encode({ ...compiled, signatures: { ...compiled.signatures, ...signatures } }),
  );
}

/** What the payer, the lifetime and the instructions are, whichever the version. */
function compose({ version = 0, payer, blockhash: recent, instructions, tables = {} }: TransactionTerms) {
  const feePayer = addressOf(payer.publicKey);
  // Mira bounds lifetimes by slots, not block heights; kit only carries the figure along.
  const lifetime = { blockhash: blockhash(encodeBase58(recent)), lastValidBlockHeight: 0n };
  if (version === "legacy")
    return pipe(
      createTransactionMessage({ version }),
      (message) => setTransactionMessageFeePayer(feePayer, message),
      (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
      (message) => appendTransactionMessageInstructions([...instructions], message),
    );
  return pipe(
    createTransactionMessage({ version }),
    (message) => setTransactionMessageFeePayer(feePayer, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
    (message) => appendTransactionMessageInstructions([...instructions], message),
    (message) => compressTransactionMessageUsingAddressLookupTables(message, tables),
  );
}

export function transferSol(from: KeyPair, to: Uint8Array, lamports: bigint): Instruction {
  return getTransferSolInstruction({ source: signerOf(from), destination: addressOf(to), amount: lamports });
}

export function addressOf(key: Uint8Array): Address {
  return address(encodeBase58(key));
}

/** Names the signer in an instruction; buildTransaction signs. */
export function signerOf(keyPair: KeyPair): TransactionSigner {
  return createNoopSigner(addressOf(keyPair.publicKey));
}

/** From the byte-by-byte form in which the runtime's own fixtures come. */
export function toKit({ programId, accounts, data }: FixtureInstruction): Instruction {
  return {
    programAddress: addressOf(programId),
    accounts: accounts.map(({ key, isSigner = false, isWritable = false }) => ({
      address: addressOf(key),
      role: ROLES[isSigner ? 1 : 0][isWritable ? 1 : 0],
    })),
    data,
  };
}

const ROLES = [
  [AccountRole.READONLY, AccountRole.WRITABLE],
  [AccountRole.READONLY_SIGNER, AccountRole.WRITABLE_SIGNER],
] as const;
