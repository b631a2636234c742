/** Resident memory of the processes of a network. Postgres is many that share most of it: each is counted by its share. */
import { readdir, readFile } from "node:fs/promises";
import { parseStat, readMemoryMb, type Watched } from "../ledger/process-cpu.ts";

const KIB_PER_MIB = 1024;

/** MiB by name. */
export async function readMemory(processes: readonly Watched[]): Promise<Record<string, number>> {
  const entries = processes.map(async ({ name, pid, withChildren }) => {
    return [name, withChildren === true ? await readFamilyMb(pid) : readMemoryMb(pid)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function readFamilyMb(parent: number): Promise<number> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const shares = await Promise.all(
    pids.map(async (pid) => {
      const stat = parseStat(await read(`/proc/${pid}/stat`));
      if (Number(pid) !== parent && stat?.parent !== parent) return 0;
      return Number(/^Pss:\s+(\d+)/m.exec(await read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
    }),
  );
  return Math.round(shares.reduce((sum, share) => sum + share, 0) / KIB_PER_MIB);
}

/** A process may end between being listed and being read. */
async function read(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
