/** SPL token transfers: a mint and one token account for every owner are created through the ledger itself, then tokens move. */
import { encodeUtf8, sha256, type KeyPair } from "@mira/primitives";
import {
  encodeMint,
  encodeTokenAccount,
  encodeTransaction,
  fixtureKey,
  rentExempt,
  SYSTEM_PROGRAM,
  TOKEN_PROGRAM,
  transferTokens,
  u32,
  u64,
  type FixtureInstruction,
} from "@mira/runtime/fixtures";
import type { Cluster } from "./cluster.ts";
import { createTemplate, signFromTemplate } from "./message-template.ts";
import type { SvmAccount } from "./raw.ts";
import { submitSetUp } from "./set-up.ts";
import { createTurns, pickOther, type Workload } from "./workload.ts";

const MINT_BYTES = 82;
const TOKEN_BYTES = 165;
const START_TOKENS = 1_000_000_000_000n;
const MINTED_PER_TRANSACTION = 12;
const SEED = "mira-bench";
const AMOUNT_MARKER = 0x1122334455667788n;

/** With an amount that never comes twice, no two transfers are alike. */
export async function setUpTokens(
  cluster: Cluster,
  owners: readonly KeyPair[],
  random: () => number,
): Promise<Workload> {
  const authority = owners[0];
  if (authority === undefined) throw new RangeError("tokens need owners");
  const mint = deriveWithSeed(authority.publicKey, "mint");
  const holders = owners.map((owner) => ({ owner, account: deriveWithSeed(owner.publicKey, SEED) }));
  await submitSetUp(cluster, [(blockhash) => createMint(authority, mint, blockhash)]);
  await submitSetUp(
    cluster,
    holders.map((holder) => (blockhash) => createHolder(holder, mint, blockhash)),
  );
  await submitSetUp(
    cluster,
    chunk(holders, MINTED_PER_TRANSACTION).map(
      (part) => (blockhash) => mintTo(authority, { mint, holders: part, blockhash }),
    ),
  );
  return {
    name: "spl",
    conflicts: `owners in turn to random owners of one mint, among ${owners.length} token accounts: two or three writes`,
    prepared: prepareRaw(authority, mint, holders),
    create: createTokenTransfers(holders, random),
  };
}

export type Holder = { readonly owner: KeyPair; readonly account: Uint8Array };

export function createTokenTransfers(holders: readonly Holder[], random: () => number): Workload["create"] {
  const [owner, source, destination] = ["owner", "source", "destination"].map(fixtureKey) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const template = createTemplate({
    payer: owner,
    blockhash: fixtureKey("blockhash"),
    instructions: [transferTokens({ source, destination, authority: owner, amount: AMOUNT_MARKER })],
  });
  const at = {
    owner: template.offsetOf(owner),
    source: template.offsetOf(source),
    destination: template.offsetOf(destination),
    amount: template.offsetOf(u64(AMOUNT_MARKER)),
  };
  const take = createTurns(holders.map((holder) => holder.owner));
  const createOne = (blockhash: Uint8Array): Buffer => {
    const { number, payer, payerIndex } = take();
    const to = holders[pickOther(holders.length, payerIndex, random)];
    return signFromTemplate(template, blockhash, payer.sign, (wire) => {
      wire.set(payer.publicKey, at.owner);
      wire.set(holders[payerIndex]?.account ?? SYSTEM_PROGRAM, at.source);
      wire.set(to?.account ?? SYSTEM_PROGRAM, at.destination);
      wire.writeBigUInt64LE(number, at.amount);
    });
  };
  return (count, blockhash) => Array.from({ length: count }, () => createOne(blockhash));
}

function createMint(authority: KeyPair, mint: Uint8Array, blockhash: Uint8Array): Uint8Array {
  const initialize = Buffer.concat([Uint8Array.of(20, 6), authority.publicKey, Uint8Array.of(0)]);
  return encodeTransaction({
    payer: authority.publicKey,
    blockhash,
    signers: [authority],
    instructions: [
      createWithSeed({ payer: authority.publicKey, account: mint, seed: "mint", space: MINT_BYTES }),
      { programId: TOKEN_PROGRAM, accounts: [{ key: mint, isWritable: true }], data: initialize },
    ],
  });
}

function createHolder({ owner, account }: Holder, mint: Uint8Array, blockhash: Uint8Array): Uint8Array {
  return encodeTransaction({
    payer: owner.publicKey,
    blockhash,
    signers: [owner],
    instructions: [
      createWithSeed({ payer: owner.publicKey, account, seed: SEED, space: TOKEN_BYTES }),
      {
        programId: TOKEN_PROGRAM,
        accounts: [{ key: account, isWritable: true }, { key: mint }],
        data: Buffer.concat([Uint8Array.of(18), owner.publicKey]),
      },
    ],
  });
}

function mintTo(
  authority: KeyPair,
  { mint, holders, blockhash }: { mint: Uint8Array; holders: readonly Holder[]; blockhash: Uint8Array },
): Uint8Array {
  return encodeTransaction({
    payer: authority.publicKey,
    blockhash,
    signers: [authority],
    instructions: holders.map(({ account }) => ({
      programId: TOKEN_PROGRAM,
      accounts: [
        { key: mint, isWritable: true },
        { key: account, isWritable: true },
        { key: authority.publicKey, isSigner: true },
      ],
      data: Buffer.concat([Uint8Array.of(7), u64(START_TOKENS)]),
    })),
  });
}

/** SystemProgram.createAccountWithSeed with the payer as base: no second signature. */
function createWithSeed(options: {
  payer: Uint8Array;
  account: Uint8Array;
  seed: string;
  space: number;
}): FixtureInstruction {
  const { payer, account, seed, space } = options;
  return {
    programId: SYSTEM_PROGRAM,
    accounts: [
      { key: payer, isSigner: true, isWritable: true },
      { key: account, isWritable: true },
    ],
    data: Buffer.concat([
      u32(3),
      payer,
      u64(BigInt(seed.length)),
      encodeUtf8(seed),
      u64(rentExempt(space)),
      u64(BigInt(space)),
      TOKEN_PROGRAM,
    ]),
  };
}

/** As the system program derives it. */
export function deriveWithSeed(base: Uint8Array, seed: string): Uint8Array {
  return sha256(Buffer.concat([base, encodeUtf8(seed), TOKEN_PROGRAM]));
}

function prepareRaw(authority: KeyPair, mint: Uint8Array, holders: readonly Holder[]): SvmAccount[] {
  const supply = START_TOKENS * BigInt(holders.length);
  const account = (key: Uint8Array, data: Uint8Array): SvmAccount => ({
    key,
    data,
    owner: TOKEN_PROGRAM,
    lamports: rentExempt(data.length),
  });
  return [
    account(mint, encodeMint(authority.publicKey, supply)),
    ...holders.map((holder) =>
      account(holder.account, encodeTokenAccount(mint, holder.owner.publicKey, START_TOKENS)),
    ),
  ];
}

function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
