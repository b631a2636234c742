/** CPU that each process of a measurement has used, from /proc. Linux only; elsewhere every figure is 0. */
import { readdirSync, readFileSync } from "node:fs";

/** Microseconds by name. */
export type CpuReading = ReadonlyMap<string, number>;

export type Watched = {
  readonly name: string;
  readonly pid: number;
  /** Adds the processes it has started, those that ended included. */
  readonly withChildren?: boolean;
};

/** The kernel's clock ticks are 1/100 s on every architecture that Node runs on. */
const TICK_US = 10_000;

export function readCpu(processes: readonly Watched[]): CpuReading {
  const parents = processes.some(({ withChildren }) => withChildren === true) ? readAllStats() : [];
  return new Map(
    processes.map(({ name, pid, withChildren }) => {
      const own = readStat(pid);
      if (own === undefined) return [name, 0];
      if (withChildren !== true) return [name, own.ownUs];
      const children = parents.filter(({ parent }) => parent === pid);
      return [name, own.ownUs + own.endedChildrenUs + children.reduce((sum, child) => sum + child.ownUs, 0)];
    }),
  );
}

export function perTransaction(
  before: CpuReading,
  after: CpuReading,
  transactions: number,
): Record<string, number> {
  return Object.fromEntries(
    [...after].map(([name, us]) => [
      name,
      Math.round(((us - (before.get(name) ?? 0)) / transactions) * 10) / 10,
    ]),
  );
}

/** Resident memory, MiB. */
export function readMemoryMb(pid: number): number {
  const status = read(`/proc/${pid}/status`);
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
}

export type ProcessStat = {
  readonly parent: number;
  readonly ownUs: number;
  readonly endedChildrenUs: number;
};

/** The name of a program is in brackets and may hold anything, so the fields are counted from behind it. */
export function parseStat(text: string): ProcessStat | undefined {
  const end = text.lastIndexOf(")");
  if (end < 0) return undefined;
  const fields = text.slice(end + 2).split(" ");
  const ticks = (index: number): number => Number(fields[index] ?? 0) * TICK_US;
  return { parent: Number(fields[1]), ownUs: ticks(11) + ticks(12), endedChildrenUs: ticks(13) + ticks(14) };
}

function readStat(pid: number): ProcessStat | undefined {
  return parseStat(read(`/proc/${pid}/stat`));
}

function readAllStats(): ProcessStat[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => readStat(Number(pid)) ?? []);
}

/** A process may end between being listed and being read. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
