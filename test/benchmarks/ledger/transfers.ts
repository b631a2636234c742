/** Workloads of the system program: SOL from distinct payers to random accounts, to one account, and to popular ones. */
import type { KeyPair } from "@mira/primitives";
import { fixtureKey, transfer } from "@mira/runtime/fixtures";
import { createTemplate, signFromTemplate } from "./message-template.ts";
import { createTurns, pickOther, type Workload } from "./workload.ts";
import { createZipfSampler } from "./zipf.ts";

export const ZIPF_EXPONENT = 0.8;
const AMOUNT_MARKER = 0x1122334455667788n;
const SECOND_AMOUNT_MARKER = 0x99aabbccddeeff11n;

export function createSolWorkload(accounts: readonly KeyPair[], random: () => number): Workload {
  return {
    name: "sol",
    conflicts: `payers in turn and recipients at random among ${accounts.length} accounts`,
    prepared: [],
    create: createTransfers(accounts, keysOf(accounts), (payer) => pickOther(accounts.length, payer, random)),
  };
}

/** Recipients half a turn away: as long as fewer than that are under way, nothing conflicts. */
export function createPairedWorkload(accounts: readonly KeyPair[]): Workload {
  const half = accounts.length >> 1;
  return {
    name: "sol",
    conflicts: "none",
    prepared: [],
    create: createTransfers(accounts, keysOf(accounts), (payer) => (payer + half) % accounts.length),
  };
}

/** The last account is the hot one: a recipient that does not exist yet would have to be given its rent. */
export function createHotWorkload(accounts: readonly KeyPair[]): Workload {
  const payers = accounts.slice(0, -1);
  return {
    name: "hot",
    conflicts: `${payers.length} payers in turn, all to one account: every transaction conflicts with every other`,
    prepared: [],
    create: createTransfers(payers, keysOf(accounts.slice(-1)), () => 0),
  };
}

/** For a ledger with more accounts than anybody wants to have keys of. */
export function createSpreadWorkload(
  payers: readonly KeyPair[],
  recipients: readonly Uint8Array[],
  random: () => number,
): Workload {
  return {
    name: "sol",
    conflicts: `${payers.length} payers in turn, recipients at random among ${recipients.length} accounts`,
    prepared: [],
    create: createTransfers(payers, recipients, () => Math.floor(random() * recipients.length)),
  };
}

function keysOf(accounts: readonly KeyPair[]): Uint8Array[] {
  return accounts.map(({ publicKey }) => publicKey);
}

function createTransfers(
  payers: readonly KeyPair[],
  recipients: readonly Uint8Array[],
  chooseRecipient: (payerIndex: number) => number,
): Workload["create"] {
  const payerMarker = fixtureKey("payer");
  const recipientMarker = fixtureKey("recipient");
  const template = createTemplate({
    payer: payerMarker,
    blockhash: fixtureKey("blockhash"),
    instructions: [transfer(payerMarker, recipientMarker, AMOUNT_MARKER)],
  });
  const at = {
    payer: template.offsetOf(payerMarker),
    recipient: template.offsetOf(recipientMarker),
    amount: template.offsetOf(encodeAmount(AMOUNT_MARKER)),
  };
  const take = createTurns(payers);
  const createOne = (blockhash: Uint8Array): Buffer => {
    const { number, payer, payerIndex } = take();
    const recipient = recipients[chooseRecipient(payerIndex)] ?? payer.publicKey;
    return signFromTemplate(template, blockhash, payer.sign, (wire) => {
      wire.set(payer.publicKey, at.payer);
      wire.set(recipient, at.recipient);
      wire.writeBigUInt64LE(number, at.amount);
    });
  };
  return (count, blockhash) => Array.from({ length: count }, () => createOne(blockhash));
}

/** Two transfers in one transaction, so with the payer three accounts are written. */
export function createZipfWorkload(accounts: readonly KeyPair[], random: () => number): Workload {
  const markers = ["payer", "first", "second"].map(fixtureKey) as [Uint8Array, Uint8Array, Uint8Array];
  const template = createTemplate({
    payer: markers[0],
    blockhash: fixtureKey("blockhash"),
    instructions: [
      transfer(markers[0], markers[1], AMOUNT_MARKER),
      transfer(markers[0], markers[2], SECOND_AMOUNT_MARKER),
    ],
  });
  const keysAt = markers.map((marker) => template.offsetOf(marker));
  const amountsAt = [AMOUNT_MARKER, SECOND_AMOUNT_MARKER].map((marker) =>
    template.offsetOf(encodeAmount(marker)),
  );
  const take = createTurns(accounts);
  const sample = createZipfSampler(accounts.length, ZIPF_EXPONENT, random);
  const createOne = (blockhash: Uint8Array): Buffer => {
    const { number, payer, payerIndex } = take();
    const written = new Set([payerIndex]);
    while (written.size < 3) written.add(sample());
    const keys = [...written].map((index) => accounts[index]?.publicKey ?? payer.publicKey);
    return signFromTemplate(template, blockhash, payer.sign, (wire) => {
      keys.forEach((key, index) => wire.set(key, keysAt[index]));
      for (const at of amountsAt) wire.writeBigUInt64LE(number, at);
    });
  };
  return {
    name: "zipf3",
    conflicts: `payers in turn, two recipients each by Zipf ${ZIPF_EXPONENT} among ${accounts.length} accounts: three writes`,
    prepared: [],
    create: (count, blockhash) => Array.from({ length: count }, () => createOne(blockhash)),
  };
}

export function encodeAmount(amount: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(amount);
  return bytes;
}
