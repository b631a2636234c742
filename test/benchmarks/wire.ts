/**
 * What the bytes of the ledger cost on one thread, in microseconds of CPU per item: decoding, fees, locks, signatures, and the
 * packed formats for a batch of SOL transfers. Medians of several runs of each; a machine that is busy shows in the spread.
 */
import {
  createKeyPair,
  parseAccountVersion,
  parseBatchNumber,
  parseLamports,
  parseSequenceNumber,
  parseSlot,
  parseUnixMs,
  unwrap,
} from "@mira/primitives";
import {
  createVerifierPool,
  messageHash,
  packSignedTransactions,
  verifyMany,
  type SignedTransaction,
} from "@mira/runtime/signatures";
import {
  accountKey,
  AS_SETTLED,
  computeBatchResultHash,
  computeFee,
  computeLocks,
  decodePartition,
  decodePartitionResult,
  decodeSealedBatch,
  decodeSettledBatch,
  decodeTransaction,
  encodePartition,
  encodePartitionResult,
  encodeSealedBatch,
  encodeSettledBatch,
  hashReceiptLeaves,
  hashWriteLeaves,
  mergeReceipts,
  mergeWrites,
  rowsOf,
  type AccountWrite,
  type DecodedTransaction,
  type Receipt,
  type SealedBatchHeader,
} from "@mira/runtime/wire";

const TRANSACTIONS = 1_000;
const REPETITIONS = 9;
const POOL_THREADS = 2;
const LOGS = [
  "Program 11111111111111111111111111111111 invoke [1]",
  "Program 11111111111111111111111111111111 success",
];

export type WireRow = {
  readonly name: string;
  /** CPU of the process, all threads. */
  readonly cpuUs: number;
  readonly wallUs: number;
  readonly bytes?: number;
};

export async function run(): Promise<{ readonly benchmark: "wire"; readonly rows: readonly WireRow[] }> {
  const wires = createTransfers();
  const rows = [...measureTransactions(wires), ...measureFormats(wires)];
  return { benchmark: "wire", rows: [...rows, await measurePool(wires)] };
}

function measureTransactions(wires: readonly Uint8Array[]): WireRow[] {
  const decoded = wires.map(decode);
  const at = (index: number): DecodedTransaction => decoded[index] ?? decode(new Uint8Array());
  return [
    measure("decodeTransaction", () => wires.forEach((wire) => decodeTransaction(wire)), 50),
    measure("computeFee", () => wires.forEach((wire, index) => computeFee(at(index), wire)), 50),
    measure("computeLocks", () => wires.forEach((wire, index) => computeLocks(at(index), wire)), 20),
    measure("messageHash", () => wires.forEach((wire, index) => messageHash(wire, at(index))), 10),
    measure("verifyMany, one thread", () => verifyMany(packSignedTransactions(wires.map(signed))), 1),
  ];
}

function measureFormats(wires: readonly Uint8Array[]): WireRow[] {
  const records = wires.map((wire) => ({ wire }));
  const batch = encodeSealedBatch(HEADER, records);
  const { transactions } = decodeSealedBatch(batch);
  const indexes = wires.map((_, index) => index);
  const keys = wires
    .flatMap((wire) => [0, 1].map((index) => accountKey(wire, decode(wire).keysOffset + 32 * index)))
    .sort();
  const inputs = keys.map((key) => ({ key, version: AS_SETTLED }));
  const partitionHeader = { ...HEADER, partition: 0, partitions: 1, batchHash: ZERO };
  const partition = encodePartition(partitionHeader, { transactions, indexes }, inputs);
  const content = { inputs, receipts: wires.map(receiptOf), writes: keys.map(writeOf) };
  const result = encodePartitionResult(RESULT_HEADER, content, EXECUTOR.sign);
  const views = decodePartitionResult(result);
  const rows = { receipts: mergeReceipts([views.receipts]), writes: mergeWrites([views.writes]) };
  const settled = { ...rows, executors: [EXECUTOR.publicKey] };
  const settledBytes = encodeSettledBatch(SETTLED_HEADER, settled);
  return [
    measure("encodeSealedBatch", () => encodeSealedBatch(HEADER, records), 20, batch),
    measure("decodeSealedBatch", () => decodeSealedBatch(batch), 50, batch),
    measure(
      "encodePartition",
      () => encodePartition(partitionHeader, { transactions, indexes }, inputs),
      20,
      partition,
    ),
    measure("decodePartition", () => decodePartition(partition), 50, partition),
    measure(
      "encodePartitionResult",
      () => encodePartitionResult(RESULT_HEADER, content, EXECUTOR.sign),
      20,
      result,
    ),
    measure("decodePartitionResult", () => decodePartitionResult(result), 20, result),
    measure(
      "mergeReceipts and mergeWrites",
      () => [mergeReceipts([views.receipts]), mergeWrites([views.writes])],
      5,
    ),
    measure("computeBatchResultHash", () => computeBatchResultHash(rows.receipts, rows.writes), 10),
    measure(
      "hashReceiptLeaves and hashWriteLeaves",
      () => [hashReceiptLeaves(rows.receipts), hashWriteLeaves(rowsOf(views.writes))],
      5,
    ),
    measure("encodeSettledBatch", () => encodeSettledBatch(SETTLED_HEADER, settled), 20, settledBytes),
    measure("decodeSettledBatch", () => decodeSettledBatch(settledBytes), 20, settledBytes),
  ];
}

async function measurePool(wires: readonly Uint8Array[]): Promise<WireRow> {
  const pool = createVerifierPool({ threads: POOL_THREADS, queueLimit: TRANSACTIONS });
  const work = wires.map(signed);
  const verdicts = unwrap(await pool.verify(work));
  if (verdicts.valid.includes(0)) throw new Error("the signatures to be measured must verify");
  const samples: Sample[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const stop = startClock();
    await pool.verify(work);
    samples.push(stop());
  }
  await pool.close();
  return summarize(`verifier pool, ${POOL_THREADS} threads`, samples, TRANSACTIONS);
}

type Sample = { readonly cpuUs: number; readonly wallUs: number };

/** Per transaction of the batch: `work` does all of them, `rounds` times in one sample. */
function measure(name: string, work: () => unknown, rounds: number, encoded?: Uint8Array): WireRow {
  const samples = Array.from({ length: REPETITIONS + 2 }, () => {
    const stop = startClock();
    for (let round = 0; round < rounds; round++) work();
    return stop();
  }).slice(2);
  const row = summarize(name, samples, rounds * TRANSACTIONS);
  return encoded === undefined ? row : { ...row, bytes: Math.round(encoded.length / TRANSACTIONS) };
}

function startClock(): () => Sample {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  return () => {
    const used = process.cpuUsage(cpu);
    return { cpuUs: used.user + used.system, wallUs: (performance.now() - wall) * 1_000 };
  };
}

function summarize(name: string, samples: readonly Sample[], items: number): WireRow {
  const median = (values: number[]): number =>
    values.sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
  const round = (value: number): number => Math.round((value / items) * 1_000) / 1_000;
  return {
    name,
    cpuUs: round(median(samples.map((one) => one.cpuUs))),
    wallUs: round(median(samples.map((one) => one.wallUs))),
  };
}

const ZERO = new Uint8Array(32);
const EXECUTOR = createKeyPair(new Uint8Array(32).fill(1));
const SESSION = createKeyPair(new Uint8Array(32).fill(2));
const HEADER: SealedBatchHeader = {
  batchNumber: parseBatchNumber(1),
  firstSequence: parseSequenceNumber(0),
  slot: parseSlot(1),
  unixTimestamp: 1_790_000_000,
  sealedAt: parseUnixMs(1_790_000_000_000),
  runtimeId: ZERO,
  signatureRule: 1,
  feeRule: 1,
  parentHash: ZERO,
  traceparent: "",
};
const RESULT_HEADER = {
  batchNumber: HEADER.batchNumber,
  partition: 0,
  batchHash: ZERO,
  runtimeId: ZERO,
  executorId: EXECUTOR.publicKey,
  executedAt: HEADER.sealedAt,
};
const SETTLED_HEADER = {
  batchNumber: HEADER.batchNumber,
  firstSequence: HEADER.firstSequence,
  batchHash: ZERO,
  executedAt: HEADER.sealedAt,
  settledAt: HEADER.sealedAt,
  receiptsRoot: ZERO,
  writesRoot: ZERO,
  resultHash: ZERO,
  fees: parseLamports(5_000 * TRANSACTIONS),
};

/** Transfers between accounts of their own, signed by one session's key: the cost is the same, and the set is made at once. */
function createTransfers(): Uint8Array[] {
  return Array.from({ length: TRANSACTIONS }, (_, index) => {
    const message = Buffer.concat([
      Buffer.of(1, 0, 1, 3),
      Buffer.alloc(32, 2),
      Buffer.alloc(32, 3),
      Buffer.alloc(32),
      Buffer.alloc(32, 4),
      Buffer.of(1, 2, 2, 0, 1, 12, 2, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0),
    ]);
    message.writeUInt32LE(index, 4);
    message.writeUInt32LE(index, 4 + 32);
    return Buffer.concat([Buffer.of(1), SESSION.sign(message), message]);
  });
}

function signed(wire: Uint8Array): SignedTransaction {
  return { wire, sessionKey: SESSION.publicKey };
}

function decode(wire: Uint8Array): DecodedTransaction {
  const decoded = decodeTransaction(wire);
  if (!decoded.ok) throw new Error(decoded.message);
  return decoded.value;
}

function receiptOf(_: Uint8Array, index: number): Receipt {
  return {
    sequence: parseSequenceNumber(index),
    messageHash: ZERO,
    status: 0,
    error: "",
    fee: parseLamports(5_000),
    computeUnits: 150,
    logs: LOGS,
  };
}

function writeOf(key: string, index: number): AccountWrite {
  const value = {
    lamports: parseLamports(10n ** 9n),
    owner: ZERO,
    executable: false,
    rentEpoch: 2n ** 64n - 1n,
    data: new Uint8Array(),
  };
  return { key, version: parseAccountVersion(index + 1), value };
}
