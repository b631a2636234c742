/** Flags of the ledger benchmarks: `npm run bench -- ledger --json --quick --workloads sol,hot`. */
import { parseArgs } from "node:util";
import type { WorkloadName } from "./workload.ts";

export type LedgerOptions = {
  readonly workloads: readonly WorkloadName[];
  readonly peers: boolean;
  readonly executors: number;
  readonly accounts: number;
  /** Measured slices of each kind; medians are taken over them. */
  readonly slices: number;
  readonly sliceMs: number;
  readonly callSize: number;
  readonly inFlight: number;
  readonly lingerMs: number | undefined;
  readonly batchMax: number | undefined;
  readonly challengeWindowMs: number;
  /** Folder for one CPU profile per service; absent: none. */
  readonly profileDir: string | undefined;
  readonly seed: number;
};

const WORKLOADS = ["sol", "spl", "hot", "zipf3", "heavy"] as const satisfies readonly WorkloadName[];

export function readLedgerOptions(args: readonly string[]): LedgerOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      workloads: { type: "string" },
      heavy: { type: "boolean", default: false },
      "no-peers": { type: "boolean", default: false },
      executors: { type: "string", default: "1" },
      accounts: { type: "string", default: "10000" },
      slices: { type: "string" },
      "slice-ms": { type: "string" },
      "call-size": { type: "string", default: "500" },
      "in-flight": { type: "string", default: "12" },
      linger: { type: "string" },
      batch: { type: "string" },
      "challenge-window": { type: "string", default: "500" },
      profile: { type: "string" },
      seed: { type: "string", default: "1" },
    },
  });
  const { quick } = values;
  return {
    workloads: readWorkloads(values.workloads ?? (quick ? "sol" : "sol,spl,hot,zipf3"), values.heavy),
    peers: !values["no-peers"],
    executors: toCount(values.executors, "executors"),
    accounts: toCount(values.accounts, "accounts"),
    slices: toCount(values.slices ?? (quick ? "1" : "5"), "slices"),
    sliceMs: toCount(values["slice-ms"] ?? (quick ? "1000" : "2500"), "slice-ms"),
    callSize: toCount(values["call-size"], "call-size"),
    inFlight: toCount(values["in-flight"], "in-flight"),
    lingerMs: values.linger === undefined ? undefined : toCount(values.linger, "linger"),
    batchMax: values.batch === undefined ? undefined : toCount(values.batch, "batch"),
    challengeWindowMs: toCount(values["challenge-window"], "challenge-window"),
    profileDir: values.profile,
    seed: toCount(values.seed, "seed"),
  };
}

function readWorkloads(text: string, heavy: boolean): readonly WorkloadName[] {
  const names = text.split(",").filter((name) => name !== "");
  const unknown = names.filter((name) => !(WORKLOADS as readonly string[]).includes(name));
  if (unknown.length > 0)
    throw new RangeError(`workloads are ${WORKLOADS.join(", ")}, not ${unknown.join(", ")}`);
  const chosen = names as WorkloadName[];
  return heavy && !chosen.includes("heavy") ? [...chosen, "heavy"] : chosen;
}

function toCount(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`--${name} is a count, not ${text}`);
  return value;
}
