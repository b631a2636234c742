/**
 * An owner lets a session key send SOL to one account, up to a limit, for a few seconds. Then the session key tries more.
 *
 *   npx node examples/session.ts [network file]
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  connectMira,
  createKeyPair,
  encodeBase58,
  parseLamports,
  parseUnixMs,
  readNetworkFile,
  signWithSession,
  unwrap,
  type Result,
  type Submitted,
} from "@mira/client";
import { createDevKey } from "@mira/localnet";
import { getTransferSolInstruction } from "@solana-program/system";
import {
  address,
  appendTransactionMessageInstruction,
  blockhash,
  compileTransaction,
  createNoopSigner,
  createTransactionMessage,
  getTransactionEncoder,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from "@solana/kit";

const LIFETIME_MS = 5_000;
const LIMIT_LAMPORTS = parseLamports(2_000_000n);

const network = unwrap(
  readNetworkFile(process.argv[2] ?? process.env["MIRA_NETWORK_FILE"] ?? ".mira/network.json"),
);
const mira = connectMira(network);
try {
  const owner = createDevKey("alice");
  const friend = createDevKey("bob").publicKey;
  const sessionKey = createKeyPair();
  const expiresAt = parseUnixMs(Date.now() + LIFETIME_MS);
  // The owner signs once, and reads the very text that is signed.
  const session = unwrap(
    await mira.grantSession(owner, {
      sessionKey: sessionKey.publicKey,
      recipients: [friend],
      limitLamports: LIMIT_LAMPORTS,
      startsAt: parseUnixMs(Date.now()),
      expiresAt,
    }),
  );
  console.log(session.text);

  // From here on the owner's key is not used.
  const send = async (to: Uint8Array, lamports: bigint): Promise<Result<Submitted>> => {
    const unsigned = await buildTransfer(owner.publicKey, to, lamports);
    const signed = unwrap(signWithSession(unsigned, sessionKey));
    return mira.ledger.submitTransaction(signed, { sessionId: session.sessionId });
  };
  const { sequenceNumber } = unwrap(await send(friend, 1_500_000n));
  const receipt = unwrap(await mira.ledger.waitForCommitment(sequenceNumber, "confirmed"));
  console.log(
    `transaction ${sequenceNumber}: ${receipt.status}, under session ${receipt.sessionId ?? "none"}`,
  );

  report("over the limit", await send(friend, 1_000_000n));
  report("off the list", await send(createDevKey("carol").publicKey, 1_000n));
  await sleep(Math.max(0, expiresAt - Date.now()));
  report("at expiry", await send(friend, 1_000n));
} finally {
  mira.close();
}

function report(what: string, outcome: Result<Submitted>): void {
  if (outcome.ok)
    throw new Error(`${what}: needed a refusal, got sequence number ${outcome.value.sequenceNumber}`);
  console.log(`${what}: ${outcome.code}: ${outcome.message}`);
  for (const [name, value] of Object.entries(outcome.details)) console.log(`  ${name}: ${value}`);
}

/** Wire bytes with the owner as fee payer and an empty signature, for the session key to fill. */
async function buildTransfer(owner: Uint8Array, to: Uint8Array, lamports: bigint): Promise<Uint8Array> {
  const latest = unwrap(await mira.ledger.getLatestBlockhash());
  // Mira counts a lifetime in slots; kit only carries the figure along.
  const lifetime = { blockhash: blockhash(encodeBase58(latest.blockhash)), lastValidBlockHeight: 0n };
  const payer = address(encodeBase58(owner));
  const transfer = getTransferSolInstruction({
    source: createNoopSigner(payer),
    destination: address(encodeBase58(to)),
    amount: lamports,
  });
  const compiled = pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayer(payer, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
    (message) => appendTransactionMessageInstruction(transfer, message),
    (message) => compileTransaction(message),
  );
  return new Uint8Array(getTransactionEncoder().encode(compiled));
}
