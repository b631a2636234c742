/**
 * Sends SOL, then mints and sends a token, and checks the proofs without asking anyone.
 *
 *   npx node examples/transaction.ts [network file]
 */
import { randomBytes } from "node:crypto";
import {
  connectMira,
  decodeBase58,
  encodeBase58,
  readNetworkFile,
  unwrap,
  verifyReceiptProof,
  type MiraClient,
} from "@mira/client";
import { createDevKey } from "@mira/localnet";
import { getCreateAccountInstruction, getTransferSolInstruction } from "@solana-program/system";
import {
  findAssociatedTokenPda,
  getCreateAssociatedTokenIdempotentInstructionAsync,
  getInitializeMint2Instruction,
  getMintSize,
  getMintToInstruction,
  getTokenDecoder,
  getTransferCheckedInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import {
  appendTransactionMessageInstructions,
  blockhash,
  createKeyPairSignerFromPrivateKeyBytes,
  createTransactionMessage,
  generateKeyPairSigner,
  getTransactionEncoder,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
  type Instruction,
  type KeyPairSigner,
} from "@solana/kit";

const DECIMALS = 6;
/** What an account of a mint's size must hold to exist. */
const MINT_RENT_LAMPORTS = 1_461_600n;

const network = unwrap(
  readNetworkFile(process.argv[2] ?? process.env["MIRA_NETWORK_FILE"] ?? ".mira/network.json"),
);
const client = connectMira(network);
try {
  // A development account of the localnet; elsewhere, your own key.
  const alice = await createKeyPairSignerFromPrivateKeyBytes(createDevKey("alice").seed);
  const recipient = await createKeyPairSignerFromPrivateKeyBytes(randomBytes(32));
  await sendSol(client, alice, recipient);
  await sendTokens(client, alice, recipient);
} finally {
  client.close();
}

async function sendSol(mira: MiraClient, from: KeyPairSigner, to: KeyPairSigner): Promise<void> {
  const amount = 250_000_000n;
  await finalize(mira, from, [getTransferSolInstruction({ source: from, destination: to.address, amount })]);
  const { accounts } = unwrap(await mira.ledger.getAccounts([toBytes(to.address)]));
  console.log(`recipient holds ${accounts[0]?.lamports ?? 0n} lamports`);
}

async function sendTokens(mira: MiraClient, from: KeyPairSigner, to: KeyPairSigner): Promise<void> {
  const mint = await generateKeyPairSigner();
  const tokenProgram = TOKEN_PROGRAM_ADDRESS;
  const [source] = await findAssociatedTokenPda({ owner: from.address, mint: mint.address, tokenProgram });
  const [destination] = await findAssociatedTokenPda({ owner: to.address, mint: mint.address, tokenProgram });
  const space = getMintSize();
  await finalize(mira, from, [
    getCreateAccountInstruction({
      payer: from,
      newAccount: mint,
      lamports: MINT_RENT_LAMPORTS,
      space,
      programAddress: tokenProgram,
    }),
    getInitializeMint2Instruction({ mint: mint.address, decimals: DECIMALS, mintAuthority: from.address }),
    await getCreateAssociatedTokenIdempotentInstructionAsync({
      payer: from,
      owner: from.address,
      mint: mint.address,
    }),
    await getCreateAssociatedTokenIdempotentInstructionAsync({
      payer: from,
      owner: to.address,
      mint: mint.address,
    }),
    getMintToInstruction({ mint: mint.address, token: source, mintAuthority: from, amount: 1_000_000n }),
  ]);
  await finalize(mira, from, [
    getTransferCheckedInstruction({
      source,
      mint: mint.address,
      destination,
      authority: from,
      amount: 300_000n,
      decimals: DECIMALS,
    }),
  ]);
  const { accounts } = unwrap(await mira.ledger.getAccounts([toBytes(destination)]));
  const token = getTokenDecoder().decode(accounts[0]?.data ?? new Uint8Array());
  console.log(`recipient holds ${token.amount} of the token's smallest units`);
}

/** Submits, waits until nothing can reverse it, and checks the proof with the network's public key alone. */
async function finalize(
  mira: MiraClient,
  payer: KeyPairSigner,
  instructions: readonly Instruction[],
): Promise<void> {
  const latest = unwrap(await mira.ledger.getLatestBlockhash());
  // Mira counts a lifetime in slots; kit only carries the figure along.
  const lifetime = { blockhash: blockhash(encodeBase58(latest.blockhash)), lastValidBlockHeight: 0n };
  const signed = await pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayerSigner(payer, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
    (message) => appendTransactionMessageInstructions([...instructions], message),
    (message) => signTransactionMessageWithSigners(message),
  );
  const wire = new Uint8Array(getTransactionEncoder().encode(signed));
  const { sequenceNumber } = unwrap(await mira.ledger.submitTransaction(wire));
  const receipt = unwrap(await mira.ledger.waitForCommitment(sequenceNumber, "finalized"));
  console.log(`transaction ${sequenceNumber}: ${receipt.status}, ${receipt.stage}`);
  const proof = unwrap(await mira.ledger.getReceiptProof(sequenceNumber));
  const { batch } = unwrap(verifyReceiptProof(proof, mira.network));
  console.log(`  proven offline by entry ${batch.index} of the audit log`);
}

function toBytes(key: string): Uint8Array {
  return decodeBase58(key) ?? new Uint8Array();
}
