/** What the runtime refuses, what it turns into no-ops, and what it charges. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as make from "../../fixtures/index.ts";
import { execute, fingerprint, ownedAccount, seal, stateOf, systemAccount } from "../../test/svm-ledger.ts";
import { at, broke, createRecord, createWorld, HEADER, payers } from "../../test/svm-scenario.ts";
import { accountKey, type TransactionRecord } from "../wire/index.ts";
import { describeError } from "./error-words.ts";
import { createSvmRuntime } from "./index.ts";
import { SNAPSHOT_FROM_ACCOUNTS } from "./write-set.ts";

const runtime = createSvmRuntime();
const world = await createWorld();
const SOL = 1_000_000_000n;
const [alice, bob] = [make.fixtureKey("alice"), make.fixtureKey("bob")];

function run(
  records: TransactionRecord[],
  state = new Map(world),
  slot = HEADER.slot,
): ReturnType<typeof execute> {
  const batch = seal(records, { ...HEADER, slot }, 41);
  return execute(runtime, batch.header, batch.transactions, state);
}

function record(payer: Uint8Array, ...instructions: make.FixtureInstruction[]): TransactionRecord {
  return { wire: make.encodeTransaction({ payer, instructions }) };
}

test("a partition does not run when one locked account was not supplied", () => {
  const { transactions, header } = seal([record(alice, make.transfer(alice, bob, 1n))], HEADER);
  const inputs = new Map([[accountKey(alice), systemAccount(SOL)]]);
  const refused = runtime.execute(header, inputs, transactions);
  assert.equal(refused.ok ? "ran" : refused.code, "PARTITION_INPUTS_MISSING");
  const declaredAbsent = runtime.execute(
    header,
    new Map([...inputs, [accountKey(bob), undefined]]),
    transactions,
  );
  assert.equal(declaredAbsent.ok, true);
});

test("a partition does not run a program whose code was not supplied", async () => {
  const { transactions, header } = seal(
    [await createRecord({ kind: 6, from: 0, to: 0, amount: 1, tag: 0 })],
    HEADER,
  );
  const inputs = new Map(world);
  inputs.delete(accountKey(await make.findProgramdataAddress(make.fixtureKey("program"))));
  const refused = runtime.execute(header, inputs, transactions);
  assert.equal(refused.ok ? "ran" : refused.code, "PARTITION_INPUTS_MISSING");
});

test("the fee of a receipt is what left the payer, whether the transaction succeeds or fails", () => {
  const state = stateOf([alice, systemAccount(10n * SOL)], [bob, systemAccount(SOL)]);
  const priced = [make.setComputeUnitLimit(200_000), make.setComputeUnitPrice(1_000_000n)];
  const { receipts, writes } = run(
    [
      record(alice, ...priced, make.transfer(alice, bob, SOL)),
      record(alice, make.transfer(alice, bob, 100n * SOL)),
    ],
    state,
  );
  assert.deepEqual(
    receipts.map(({ status, fee }) => [status, fee]),
    [
      [0, 205_000n],
      [1, 5_000n],
    ],
  );
  const left = writes.find((write) => write.key === accountKey(alice))?.value?.lamports;
  assert.equal(left, 9n * SOL - 210_000n);
});

test("what is sequenced but invalid is a no-op with its reason and costs nothing; its write locks still move versions", async () => {
  const nonce = await createRecord({ kind: 11, from: 0, to: 1, amount: 0, tag: 0 });
  const stake = record(at(payers, 0), {
    programId: make.STAKE_PROGRAM,
    accounts: [],
    data: new Uint8Array(4),
  });
  const token = record(at(payers, 0), {
    programId: make.MEMO_PROGRAM,
    accounts: [{ key: make.TOKEN_PROGRAM, isWritable: true }],
    data: Buffer.from("x"),
  });
  const poor = record(broke, make.transfer(broke, bob, 1n));
  const garbage = { wire: Uint8Array.from([1, 2, 3]) };
  const { receipts, writes } = run([nonce, stake, token, poor, garbage]);
  assert.deepEqual(
    receipts.map(({ status, error, fee }) => [status, error, fee]),
    [
      [2, "DURABLE_NONCE_REFUSED", 0n],
      [2, "PROGRAM_REFUSED", 0n],
      [2, "InvalidWritableAccount", 0n],
      [2, "InsufficientFundsForFee", 0n],
      [2, "TRANSACTION_MALFORMED", 0n],
    ],
  );
  const unchanged = writes.find((write) => write.key === accountKey(broke));
  assert.deepEqual([unchanged?.version, unchanged?.value], [45, world.get(accountKey(broke))]);
  assert.equal(
    writes.some((write) => write.key === accountKey(make.TOKEN_PROGRAM)),
    false,
  );
});

test("bytes that follow a transaction, or that miss at its end, never reach the VM", () => {
  const { wire } = record(at(payers, 0), make.transfer(at(payers, 0), bob, 1n));
  const { receipts } = run([
    { wire: Buffer.concat([wire, Uint8Array.of(0)]) },
    { wire: wire.subarray(0, -1) },
  ]);
  assert.deepEqual(
    receipts.map(({ error }) => error),
    ["TRANSACTION_MALFORMED", "TRANSACTION_MALFORMED"],
  );
});

test("a duplicate is executed twice here: that it is not sequenced twice is the sequencer's duty", () => {
  const twice = record(at(payers, 0), make.transfer(at(payers, 0), bob, SOL));
  const { writes } = run([twice, twice]);
  assert.equal(writes.find((write) => write.key === accountKey(bob))?.value?.lamports, 2n * SOL);
});

test("a program deployed through the loader is called from the next slot on, and not in its own", async () => {
  const [program, buffer, elf] = [
    make.fixtureKey("fresh"),
    make.fixtureKey("fresh-buffer"),
    make.createWorkloadProgram(),
  ];
  const payer = at(payers, 0);
  const call = record(payer, { programId: program, accounts: [], data: make.encodeWorkload({ turns: 5 }) });
  const deployment = await make.deployProgram({ payer, program, buffer, elfBytes: elf.length });
  const state = new Map(world);
  const first = run(
    [record(payer, ...make.writeBuffer(payer, buffer, elf)), record(payer, ...deployment), call],
    state,
  );
  assert.deepEqual(
    first.receipts.map(({ error }) => error),
    ["", "", "InstructionError(0, UnsupportedProgramId)"],
  );
  for (const { key, value } of first.writes) if (value !== undefined) state.set(key, value);
  const [later] = run([call], state, HEADER.slot + 1).receipts;
  assert.deepEqual([later?.error, later?.computeUnits], ["", 28]);
});

test("many programs, deployed and called in turns, are called as a new VM calls them", async () => {
  const programs = Array.from({ length: 70 }, (_, index) => make.fixtureKey(`program-${index}`));
  const [payer, slot] = [at(payers, 0), BigInt(HEADER.slot - 1)];
  const state = new Map(world);
  for (const [index, program] of programs.entries()) {
    const code = await make.findProgramdataAddress(program);
    const header = Buffer.concat([make.u32(3), make.u64(slot), Uint8Array.of(1), payer]);
    const elf = make.createWorkloadProgram(1 + (index % 3));
    state.set(accountKey(code), ownedAccount(SOL, make.LOADER_PROGRAM, Buffer.concat([header, elf])));
    const data = Buffer.concat([make.u32(2), code]);
    state.set(accountKey(program), { ...ownedAccount(SOL, make.LOADER_PROGRAM, data), executable: true });
  }
  for (let turn = 0; turn < 140; turn++) {
    const program = at(programs, turn * 37);
    const call = record(payer, {
      programId: program,
      accounts: [],
      data: make.encodeWorkload({ turns: turn }),
    });
    const batch = seal([call], { ...HEADER, slot: HEADER.slot + (turn % 3) });
    const warm = execute(runtime, batch.header, batch.transactions, state);
    assert.equal(warm.receipts[0]?.error, "");
    if (turn % 20 !== 0) continue;
    const fresh = execute(createSvmRuntime(), batch.header, batch.transactions, state);
    assert.equal(fingerprint(warm), fingerprint(fresh));
  }
});

test("an older batch after a newer one finds its programs, in the slot before too", async () => {
  const call = await createRecord({ kind: 6, from: 1, to: 0, amount: 5, tag: 0 });
  const token = await createRecord({ kind: 4, from: 1, to: 0, amount: 5, tag: 0 });
  const statuses = [5000, 4999, 447_551_999].map((slot) =>
    run([call, token], new Map(world), slot).receipts.map(({ status }) => status),
  );
  assert.deepEqual(statuses.flat(), [0, 0, 0, 0, 0, 0]);
});

test("closing a program and refilling its code's address is a no-op: LiteSVM would abort the process", async () => {
  const poison = await createRecord({ kind: 13, from: 3, to: 0, amount: 0, tag: 0 });
  assert.deepEqual(
    run([poison]).receipts.map(({ status, error }) => [status, error]),
    [[2, "InvalidWritableAccount"]],
  );
});

test("a lookup that no longer resolves to the locked addresses is a no-op", async () => {
  const lookup = await createRecord({ kind: 12, from: 1, to: 0, amount: 1500, tag: 0 });
  assert.equal(run([lookup]).receipts[0]?.status, 0);
  const moved = { ...lookup, loaded: { writable: [bob], readonly: [] } };
  assert.equal(run([moved]).receipts[0]?.error, "AddressLookupTableChanged");
});

test("a quarantined transaction does not reach the VM", () => {
  const { transactions, header } = seal([record(alice, make.transfer(alice, bob, 1n))], HEADER, 9);
  const inputs = new Map([
    [accountKey(alice), systemAccount(SOL)],
    [accountKey(bob), undefined],
  ]);
  const output = runtime.execute(header, inputs, transactions, { noOps: new Map([[9, "ExecutorAborted"]]) });
  assert.deepEqual(output.ok && output.value.receipts.map(({ status, error }) => [status, error]), [
    [2, "ExecutorAborted"],
  ]);
});

test("accounts read one by one and accounts read from a snapshot are the same", () => {
  const count = SNAPSHOT_FROM_ACCOUNTS + 10;
  const keys = Array.from({ length: count }, (_, index) => make.fixtureKey(`many-${index}`));
  const data = make.encodeTokenAccount(alice, bob, 7n);
  const state = stateOf(
    [alice, systemAccount(SOL)],
    ...keys.map((key): [Uint8Array, ReturnType<typeof ownedAccount>] => [
      key,
      ownedAccount(SOL, make.TOKEN_PROGRAM, data),
    ]),
  );
  const touch = (key: Uint8Array): TransactionRecord =>
    record(alice, {
      programId: make.MEMO_PROGRAM,
      accounts: [{ key, isWritable: true }],
      data: Buffer.from("x"),
    });
  const many = run(keys.map(touch), state);
  const few = keys.slice(0, 10).map((key) => run([touch(key)], state).writes);
  assert.equal(many.writes.length, count + 1);
  for (const writes of few)
    for (const { key, value } of writes.filter((write) => write.key !== accountKey(alice)))
      assert.deepEqual(many.writes.find((write) => write.key === key)?.value, value);
});

test("another process has the same runtime id and gives the same bytes", async () => {
  const batch = seal([await createRecord({ kind: 6, from: 1, to: 0, amount: 9, tag: 0 })], HEADER, 3);
  const here = fingerprint(execute(runtime, batch.header, batch.transactions, new Map(world)));
  const script = `
    import { createSvmRuntime } from ${JSON.stringify(import.meta.resolve("./index.ts"))};
    import { execute, fingerprint, seal } from ${JSON.stringify(import.meta.resolve("../../test/svm-ledger.ts"))};
    import { createRecord, createWorld, HEADER } from ${JSON.stringify(import.meta.resolve("../../test/svm-scenario.ts"))};
    const runtime = createSvmRuntime();
    const batch = seal([await createRecord({ kind: 6, from: 1, to: 0, amount: 9, tag: 0 })], HEADER, 3);
    console.log(JSON.stringify([Buffer.from(runtime.runtimeId).toString("hex"),
      fingerprint(execute(runtime, batch.header, batch.transactions, await createWorld()))]));`;
  const there = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  assert.deepEqual(JSON.parse(there), [Buffer.from(runtime.runtimeId).toString("hex"), here]);
});

test("every error has the word that agave has for it", () => {
  // The enums exist in the declarations alone.
  const declarations = readFileSync(
    createRequire(import.meta.url).resolve("litesvm/dist/internal.d.ts"),
    "utf8",
  );
  const names = (enumeration: string): [string, number][] => {
    const body = new RegExp(`enum ${enumeration} {([^}]*)}`).exec(declarations)?.[1] ?? "";
    return [...body.matchAll(/(\w+) = (\d+)/g)].map(([, name = "", number]) => [name, Number(number)]);
  };
  assert.equal(names("TransactionErrorFieldless").length, 35);
  assert.equal(names("InstructionErrorFieldless").length, 53);
  for (const [name, number] of names("TransactionErrorFieldless")) assert.equal(describeError(number), name);
  for (const [name, number] of names("InstructionErrorFieldless"))
    assert.equal(describeError({ index: 0, err: () => number }), `InstructionError(0, ${name})`);
});
