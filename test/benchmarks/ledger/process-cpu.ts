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

/** Of the whole machine since it started: what was worked, and what could have been. */
export type MachineCpu = { readonly busyUs: number; readonly totalUs: number };

export function readMachineCpu(): MachineCpu {
  const [, ...ticks] = (read("/proc/stat").split("\n")[0] ?? "")
    .split(/\s+/)
    .map((field) => Number(field) * TICK_US);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const counted = ticks.slice(0, STATES);
  return { busyUs: sum(counted) - sum(counted.slice(3, 5)), totalUs: sum(counted) };
}

/** Share of the machine that was worked by none of the measured: 0 on a machine of one's own. */
export function computeForeignShare(
  before: { readonly machine: MachineCpu; readonly own: CpuReading },
  after: { readonly machine: MachineCpu; readonly own: CpuReading },
): number {
  const own = [...after.own].reduce((sum, [name, us]) => sum + us - (before.own.get(name) ?? 0), 0);
  const busy = after.machine.busyUs - before.machine.busyUs;
  return Math.max(0, (busy - own) / (after.machine.totalUs - before.machine.totalUs));
}

/** user, nice, system, idle, iowait, irq, softirq, steal; guest time is part of user time. */
const STATES = 8;

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
