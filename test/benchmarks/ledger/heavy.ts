/** Scale-out: one executor against two, on a program so heavy that executing it is most of all CPU. */
import { createKeyPair, encodeUtf8, sha256, type KeyPair } from "@mira/primitives";
import {
  createWorkloadProgram,
  deployProgram,
  encodeTransaction,
  encodeWorkload,
  fixtureKey,
  programKey,
  setComputeUnitLimit,
  WORKLOAD_UNITS_PER_TURN,
  writeBuffer,
  type FixtureInstruction,
} from "@mira/runtime/fixtures";
import { createBenchAccounts, fund } from "./accounts.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { createTemplate, signFromTemplate } from "./message-template.ts";
import type { LedgerOptions } from "./options.ts";
import { perTransaction, readCpu } from "./process-cpu.ts";
import { submitSetUp } from "./set-up.ts";
import { computeMedian, round } from "./statistics.ts";
import { createTurns, type Workload } from "./workload.ts";

const TURNS = 400_000;
const UNIT_LIMIT = 1_400_000;
const TAG_MARKER = 0x5566778811223344;
const PAYERS = 500;
const WARM_UP_TRANSACTIONS = 300;
const SLICE_DEADLINE_MS = 60_000;
/** Enough under way to keep two executors busy, in calls small enough for both to have work from the beginning of a slice. */
const LOAD = { callSize: 50, inFlight: 16 };

/**
 * A transaction may burn 1.4 million compute units, half a millisecond, at most. Signatures checked by the Ed25519 precompile are not
 * metered: the same one, so many times over, is what makes execution nine tenths of all work.
 */
const SIGNATURES_CHECKED = 60;
const ED25519_PROGRAM = programKey("Ed25519SigVerify111111111111111111111111111");

export type ScaleOut = {
  readonly compute_units_per_tx: number;
  readonly precompile_signatures_per_tx: number;
  readonly speed_up: number;
  readonly runs: readonly ScaleOutRun[];
  readonly note: string;
};

type ScaleOutRun = {
  readonly executors: number;
  readonly settled_tps: number;
  readonly slices: readonly number[];
  readonly cpu_us_per_tx: Readonly<Record<string, number>>;
  /** Of all CPU, what the executors used. */
  readonly execution_share: number;
};

export async function measureScaleOut(options: LedgerOptions): Promise<ScaleOut> {
  const runs = [await measureWith(1, options), await measureWith(2, options)];
  return {
    precompile_signatures_per_tx: SIGNATURES_CHECKED,
    compute_units_per_tx: TURNS * WORKLOAD_UNITS_PER_TURN,
    speed_up: round((runs[1]?.settled_tps ?? 0) / (runs[0]?.settled_tps ?? 0), 2),
    runs,
    note: "the re-executor is stopped here: it repeats every execution, and three processes that compute on two cores say nothing of scale-out",
  };
}

async function measureWith(executors: number, options: LedgerOptions): Promise<ScaleOutRun> {
  const accounts = createBenchAccounts(PAYERS, "heavy");
  const cluster = await startCluster(
    { ...options, executors },
    fund(accounts.map(({ publicKey }) => publicKey)),
  );
  try {
    const workload = await deployWorkload(cluster, accounts);
    await cluster.localnet.services.get("re-executor")?.stop();
    return await measureSlices(cluster, workload, options);
  } finally {
    await cluster.stop();
  }
}

async function measureSlices(
  cluster: Cluster,
  workload: Workload,
  { slices, sliceMs }: LedgerOptions,
): Promise<ScaleOutRun> {
  await runSlice(cluster, workload, WARM_UP_TRANSACTIONS);
  const estimate = await runSlice(cluster, workload, WARM_UP_TRANSACTIONS);
  const count = Math.max(WARM_UP_TRANSACTIONS, Math.round((estimate.tps * sliceMs) / 1000));
  const runs: Awaited<ReturnType<typeof runSlice>>[] = [];
  for (let slice = 0; slice < slices; slice += 1) runs.push(await runSlice(cluster, workload, count));
  const cpu = runs.at(-1)?.cpu ?? {};
  const total = Object.values(cpu).reduce((sum, us) => sum + us, 0);
  const executing = Object.entries(cpu).filter(([name]) => name.startsWith("executor"));
  return {
    executors: cluster.executors,
    settled_tps: round(computeMedian(runs.map(({ tps }) => tps))),
    slices: runs.map(({ tps }) => round(tps)),
    cpu_us_per_tx: cpu,
    execution_share: round(executing.reduce((sum, [, us]) => sum + us, 0) / total, 2),
  };
}

async function runSlice(
  { generator, progress, processes, getBlockhash }: Cluster,
  workload: Workload,
  count: number,
): Promise<{ readonly tps: number; readonly cpu: Record<string, number> }> {
  const signal = AbortSignal.timeout(SLICE_DEADLINE_MS);
  const transactions = workload.create(count, await getBlockhash());
  const before = readCpu(processes());
  const startedAt = performance.now();
  const { endSequence } = await generator.saturate(transactions, { ...LOAD, signal });
  const settledAt = await progress.waitFor("settled", endSequence, signal);
  return {
    tps: (count / (settledAt - startedAt)) * 1000,
    cpu: perTransaction(before, readCpu(processes()), count),
  };
}

/** Through the upgradeable loader, as a user would; a program is called from the slot after its deployment on. */
async function deployWorkload(cluster: Cluster, accounts: readonly KeyPair[]): Promise<Workload> {
  const [payer] = accounts;
  if (payer === undefined) throw new RangeError("somebody has to pay");
  const [program, buffer] = ["program", "buffer"].map((name) =>
    createKeyPair(sha256(encodeUtf8(`mira-benchmark:heavy:${name}`))),
  ) as [KeyPair, KeyPair];
  const elf = createWorkloadProgram();
  const deployment = await deployProgram({
    payer: payer.publicKey,
    program: program.publicKey,
    buffer: buffer.publicKey,
    elfBytes: elf.length,
  });
  const filling = writeBuffer(payer.publicKey, buffer.publicKey, elf);
  await submitSetUp(cluster, [
    (blockhash) => sign(payer, [payer, buffer], { blockhash, instructions: filling }),
  ]);
  await submitSetUp(cluster, [
    (blockhash) => sign(payer, [payer, program], { blockhash, instructions: deployment }),
  ]);
  const workload = createHeavyWorkload(accounts, program.publicKey);
  await new Promise((resolve) => setTimeout(resolve, NEXT_SLOT_MS));
  await submitSetUp(
    cluster,
    workload.create(1, await cluster.getBlockhash()).map((wire) => () => wire),
  );
  return workload;
}

function checkSignatures(signer: KeyPair | undefined, times: number): FixtureInstruction {
  if (signer === undefined) throw new RangeError("somebody has to sign");
  const message = encodeUtf8("mira-benchmark:heavy");
  const keyAt = 2 + times * OFFSETS_BYTES;
  const offsets = [
    keyAt + 32,
    THIS_INSTRUCTION,
    keyAt,
    THIS_INSTRUCTION,
    keyAt + 96,
    message.length,
    THIS_INSTRUCTION,
  ];
  const entry = Buffer.alloc(OFFSETS_BYTES);
  offsets.forEach((value, index) => entry.writeUInt16LE(value, index * 2));
  const entries = Array.from({ length: times }, () => entry);
  const data = [Uint8Array.of(times, 0), ...entries, signer.publicKey, signer.sign(message), message];
  return { programId: ED25519_PROGRAM, accounts: [], data: Buffer.concat(data) };
}

/** Signature, key and message: where each is, and in which instruction. */
const OFFSETS_BYTES = 14;
const THIS_INSTRUCTION = 0xffff;

const NEXT_SLOT_MS = 1_000;

type Content = Pick<Parameters<typeof encodeTransaction>[0], "instructions" | "blockhash">;

function sign(payer: KeyPair, signers: KeyPair[], content: Content): Uint8Array {
  return encodeTransaction({ payer: payer.publicKey, signers, ...content });
}

function createHeavyWorkload(accounts: readonly KeyPair[], programId: Uint8Array): Workload {
  const payerMarker = fixtureKey("payer");
  const marked = encodeWorkload({ turns: TURNS, tag: TAG_MARKER });
  const template = createTemplate({
    payer: payerMarker,
    blockhash: fixtureKey("blockhash"),
    instructions: [
      setComputeUnitLimit(UNIT_LIMIT),
      checkSignatures(accounts[0], SIGNATURES_CHECKED),
      { programId, accounts: [], data: marked },
    ],
  });
  const payerAt = template.offsetOf(payerMarker);
  const tagAt = template.offsetOf(marked) + 8;
  const take = createTurns(accounts);
  const createOne = (blockhash: Uint8Array): Buffer => {
    const { number, payer } = take();
    return signFromTemplate(template, blockhash, payer.sign, (wire) => {
      wire.set(payer.publicKey, payerAt);
      wire.writeBigUInt64LE(number, tagAt);
    });
  };
  return {
    name: "heavy",
    conflicts: `none: ${accounts.length} payers in turn, one read-only program`,
    prepared: [],
    create: (count, blockhash) => Array.from({ length: count }, () => createOne(blockhash)),
  };
}
