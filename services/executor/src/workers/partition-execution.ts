/** Runs one partition whose inputs are complete, and signs what came of it. */
import type { SvmOutput, SvmRuntime } from "@mira/runtime";
import { bytesEqual, encodeHex, RefusalError, type KeyPair } from "@mira/primitives";
import {
  encodePartitionResult,
  packOutcome,
  type AccountInput,
  type AccountValue,
  type AccountWrite,
  type Partition,
} from "@mira/runtime/wire";
import { SUSPECT_AFTER_UNANSWERED } from "../domain/suspicion.ts";
import type { Clock, Logger } from "../ports.ts";
import type { ExecutorTelemetry } from "../telemetry.ts";
import type { ResolvedInputs } from "./resolved-inputs.ts";
import type { ResultPublisher } from "./result-publisher.ts";
import type { Trial } from "./trial.ts";
import type { Work } from "./work.ts";

export type ExecutionParts = {
  readonly runtime: SvmRuntime;
  readonly trial: Trial;
  readonly publisher: ResultPublisher;
  readonly identity: KeyPair;
  /** Every so many partitions are run again in a new VM and compared byte for byte. */
  readonly compareEvery: number;
  readonly telemetry: ExecutorTelemetry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** The warm VM gave other bytes than a new one: nothing it says can be trusted. */
  readonly onDivergence: (error: Error) => void;
};

export class PartitionExecution {
  readonly #parts: ExecutionParts;
  #runtime: SvmRuntime;
  partitions = 0;
  transactions = 0;

  constructor(parts: ExecutionParts) {
    this.#parts = parts;
    this.#runtime = parts.runtime;
  }

  /** Hands the result to the publisher, which answers the message; throws when there is none, and the caller answers. */
  async execute(work: Work, inputs: ResolvedInputs): Promise<readonly AccountWrite[]> {
    const { telemetry } = this.#parts;
    return telemetry.tracePartition(work.partition.header, async (carrier) => {
      const noOps = await this.#findPoison(work, inputs.values);
      const output = await this.#run(work.partition, inputs.values, noOps);
      const payload = this.#encode(work.partition, inputs.used, output);
      if (++this.partitions % this.#parts.compareEvery === 0)
        this.#compare(work.partition, inputs.values, noOps, output);
      this.transactions += output.receipts.length;
      telemetry.countExecuted(output.receipts);
      this.#parts.publisher.enqueue(work.message, { id: this.#nameResult(work), payload, headers: carrier });
      return output.writes;
    });
  }

  async #run(
    partition: Partition,
    inputs: ReadonlyMap<string, AccountValue | undefined>,
    noOps: ReadonlyMap<number, string>,
  ): Promise<SvmOutput> {
    try {
      const { header, transactions } = partition;
      const output = await this.#runtime.executeWithPauses(header, inputs, transactions, { noOps });
      if (!output.ok) throw new RefusalError(output);
      return output.value;
    } catch (error) {
      // Whatever threw may have left something behind in the VM.
      if (!(error instanceof RefusalError)) this.#runtime = this.#runtime.fresh();
      throw error;
    }
  }

  /** Delivered again and again without an answer: perhaps because its executors died of it. */
  async #findPoison(
    { unanswered, partition }: Work,
    inputs: ReadonlyMap<string, AccountValue | undefined>,
  ): Promise<ReadonlyMap<number, string>> {
    if (unanswered < SUSPECT_AFTER_UNANSWERED) return new Map();
    const { trial, signal, logger } = this.#parts;
    const noOps = await trial.examine(partition.bytes, inputs, signal);
    const { batchNumber, partition: index } = partition.header;
    for (const [sequence, reason] of noOps)
      logger.error(
        { alert: true, batch: batchNumber, partition: index, sequence, reason },
        "a transaction kills executors",
      );
    return noOps;
  }

  #encode(partition: Partition, inputs: readonly AccountInput[], output: SvmOutput): Uint8Array {
    const { identity, clock, runtime } = this.#parts;
    const { batchNumber, partition: index, batchHash } = partition.header;
    const header = {
      batchNumber,
      partition: index,
      batchHash,
      runtimeId: runtime.runtimeId,
      executorId: identity.publicKey,
      executedAt: clock.now(),
    };
    const content = { inputs, receipts: output.receipts, writes: output.writes };
    return encodePartitionResult(header, content, identity.sign);
  }

  /** A redelivery keeps the name, work that settlement hands out again has another. */
  #nameResult({ message, partition }: Work): string {
    const { batchNumber, partition: index } = partition.header;
    const executor = encodeHex(this.#parts.identity.publicKey.subarray(0, 8));
    return `result:${batchNumber}:${index}:${message.sequence}:${executor}`;
  }

  #compare(
    { header, transactions }: Partition,
    inputs: ReadonlyMap<string, AccountValue | undefined>,
    noOps: ReadonlyMap<number, string>,
    output: SvmOutput,
  ): void {
    const fresh = this.#runtime.fresh().execute(header, inputs, transactions, { noOps });
    if (fresh.ok && isSameOutput(fresh.value, output)) return;
    const error = new Error(
      `batch ${header.batchNumber}, partition ${header.partition}: a new VM gives other bytes`,
    );
    this.#parts.onDivergence(error);
    throw error;
  }
}

function isSameOutput(left: SvmOutput, right: SvmOutput): boolean {
  return bytesEqual(packOutcome(left).receipts.bytes, packOutcome(right).receipts.bytes);
}
