/** A small world for the property tests: payers rich and broke, tokens, a lookup table, a deployed user program, and random transactions. */
import type { TransactionRecord } from "../src/wire/index.ts";
import { unwrap } from "@mira/primitives";
import { createSvmRuntime } from "../src/index.ts";
import * as make from "../fixtures/index.ts";
import {
  applyWrites,
  collectInputs,
  ownedAccount,
  seal,
  stateOf,
  systemAccount,
  type LedgerState,
} from "./svm-ledger.ts";

export const HEADER = { slot: 1000, unixTimestamp: 1_700_000_000 };
const SOL = 1_000_000_000n;
const named = (kind: string, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => make.fixtureKey(`${kind}-${index}`));

export const payers = named("payer", 6);
export const broke = make.fixtureKey("broke");
const strangers = named("stranger", 3);
const counters = named("counter", 3);
const tokens = named("token", 4);
const tokens2022 = named("token-2022", 3);
const mint = make.fixtureKey("mint");
const mint2022 = make.fixtureKey("mint-2022");
const table = make.fixtureKey("table");
const nonce = make.fixtureKey("nonce");
export const program = make.fixtureKey("program");
const buffer = make.fixtureKey("buffer");
const upgradeBuffer = make.fixtureKey("upgrade-buffer");
const secondProgram = make.fixtureKey("second-program");
const owner = at(payers, 0);

export function at<T>(list: readonly T[], index: number): T {
  const value = list[index % list.length];
  if (value === undefined) throw new Error("empty list");
  return value;
}

/** The world at slot 1000, with the program deployed at slot 999 and a buffer that waits to upgrade it. */
export async function createWorld(): Promise<LedgerState> {
  const state = stateOf(
    ...payers.map((key): [Uint8Array, ReturnType<typeof systemAccount>] => [key, systemAccount(1000n * SOL)]),
    [broke, systemAccount(4_000n)],
    [mint, ownedAccount(SOL, make.TOKEN_PROGRAM, make.encodeMint(owner, 4_000n))],
    [mint2022, ownedAccount(SOL, make.TOKEN_2022_PROGRAM, make.encodeMint(owner, 3_000n))],
    ...tokens.map((key, index): [Uint8Array, ReturnType<typeof systemAccount>] => [
      key,
      ownedAccount(SOL, make.TOKEN_PROGRAM, make.encodeTokenAccount(mint, at(payers, index), 1_000n)),
    ]),
    ...tokens2022.map((key, index): [Uint8Array, ReturnType<typeof systemAccount>] => [
      key,
      ownedAccount(
        SOL,
        make.TOKEN_2022_PROGRAM,
        make.encodeTokenAccount(mint2022, at(payers, index), 1_000n),
      ),
    ]),
    ...counters.map((key): [Uint8Array, ReturnType<typeof systemAccount>] => [
      key,
      ownedAccount(make.rentExempt(8), program, new Uint8Array(8)),
    ]),
    [table, ownedAccount(SOL, make.LOOKUP_TABLE_PROGRAM, encodeLookupTable(strangers))],
  );
  const elf = make.createWorkloadProgram(1);
  deploy(state, [
    make.writeBuffer(owner, buffer, elf),
    await make.deployProgram({ payer: owner, program, buffer, elfBytes: elf.length }),
    make.writeBuffer(owner, upgradeBuffer, make.createWorkloadProgram(2)),
  ]);
  return state;
}

function deploy(state: LedgerState, steps: make.FixtureInstruction[][]): void {
  const runtime = createSvmRuntime();
  const records = steps.map((instructions) => ({
    wire: make.encodeTransaction({ payer: owner, instructions }),
  }));
  for (const record of records) {
    const batch = seal([record], { slot: HEADER.slot - 1, unixTimestamp: HEADER.unixTimestamp - 1 });
    const inputs = collectInputs(batch.transactions, state, runtime);
    const output = unwrap(runtime.execute(batch.header, inputs, batch.transactions));
    if (output.receipts[0]?.status !== 0)
      throw new Error(`deployment: ${output.receipts[0]?.error ?? "nothing"}`);
    applyWrites(state, output.writes);
  }
}

/** Header of 56 bytes as the lookup table program stores it, then the addresses. */
function encodeLookupTable(addresses: Uint8Array[]): Uint8Array {
  const header = Buffer.alloc(56);
  header.writeUInt32LE(1, 0);
  header.writeBigUInt64LE(2n ** 64n - 1n, 4); // never deactivated
  header.writeBigUInt64LE(1n, 12); // last extended in slot 1
  return Buffer.concat([header, ...addresses]);
}

/** One random choice: what kind of transaction, between whom, how much. `tag` keeps like ones apart. */
export type Choice = { kind: number; from: number; to: number; amount: number; tag: number };
export const KINDS = 15;

export async function createRecord(choice: Choice): Promise<TransactionRecord> {
  const payer = at(payers, choice.from);
  const content = await createContent(choice, payer);
  const blockhash = make.fixtureKey(`tag-${choice.tag}`);
  const wire = make.encodeTransaction({ payer, blockhash, ...content });
  if (content.lookups === undefined) return { wire };
  return { wire, loaded: { writable: content.lookups.addresses, readonly: [] }, implicitReads: [table] };
}

type Content = Partial<make.TransactionContent> & { instructions: make.FixtureInstruction[] };

async function createContent(choice: Choice, payer: Uint8Array): Promise<Content> {
  const { from, to, amount } = choice;
  const other = at([...payers, ...strangers], to);
  const workload = (options: { turns?: number; exitCode?: number }): make.FixtureInstruction => ({
    programId: program,
    accounts: [{ key: at(counters, to), isWritable: true }],
    data: make.encodeWorkload(options),
  });
  switch (choice.kind) {
    case 0:
      return { instructions: [make.transfer(payer, other, BigInt(amount) * 1_000_000n)] };
    case 1: // more than there is
      return { instructions: [make.transfer(payer, other, 10n ** 15n)] };
    case 2:
      return { payer: broke, instructions: [make.transfer(broke, other, 1n)] };
    case 3: // empties the account: 1,000 SOL may be there or not
      return { instructions: [make.transfer(payer, other, 1000n * SOL - 5_000n)] };
    case 4:
      return { instructions: [transferTokens(make.TOKEN_PROGRAM, tokens, choice, payer)] };
    case 5:
      return { instructions: [transferTokens(make.TOKEN_2022_PROGRAM, tokens2022, choice, payer)] };
    case 6:
      return { instructions: [workload({ turns: amount })] };
    case 7:
      return { instructions: [make.transfer(payer, other, 1n), workload({ exitCode: 1 + (amount % 5) })] };
    case 8:
      return { instructions: [make.setComputeUnitLimit(600 + amount), workload({ turns: 250 })] };
    case 9:
      return {
        instructions: [make.setComputeUnitPrice(BigInt(amount) * 1000n), make.memo(`memo ${amount}`, payer)],
      };
    case 10:
      return {
        instructions: [{ programId: make.fixtureKey("nobody"), accounts: [], data: new Uint8Array(1) }],
      };
    case 11:
      return { instructions: [make.advanceNonce(nonce, payer), make.transfer(payer, other, 1n)] };
    case 12:
      return {
        instructions: [make.transfer(payer, at(strangers, to), BigInt(amount) * 10_000n)],
        lookups: {
          addresses: [at(strangers, to)],
          lookups: [{ table, writable: [to % strangers.length], readonly: [] }],
        },
      };
    case 13:
      return { payer: owner, instructions: await changeProgram(from) };
    default: // below rent exemption
      return { instructions: [make.transfer(payer, make.fixtureKey(`new-${to}`), BigInt(amount))] };
  }
}

function transferTokens(
  tokenProgram: Uint8Array,
  accounts: Uint8Array[],
  choice: Choice,
  authority: Uint8Array,
): make.FixtureInstruction {
  return make.transferTokens({
    program: tokenProgram,
    source: at(accounts, choice.from),
    destination: at(accounts, choice.to),
    authority,
    amount: BigInt(choice.amount),
  });
}

async function changeProgram(variant: number): Promise<make.FixtureInstruction[]> {
  const programdata = await make.findProgramdataAddress(program);
  const elf = make.createWorkloadProgram(2);
  switch (variant % 5) {
    case 0:
      return [await make.upgradeProgram({ payer: owner, program, buffer: upgradeBuffer })];
    case 1:
      return [await make.closeProgram(owner, program)];
    case 2: // gives lamports to where the code was or is
      return [make.transfer(owner, programdata, SOL)];
    case 3: // closes and revives the code's address at once: LiteSVM would abort
      return [await make.closeProgram(owner, program), make.transfer(owner, programdata, SOL)];
    default:
      return await make.deployProgram({
        payer: owner,
        program: secondProgram,
        buffer: upgradeBuffer,
        elfBytes: elf.length,
      });
  }
}
