/** CPU time of this process and of the Postgres it started: unlike rates, it hardly changes when other programs want the machine. */
import { readdir, readFile } from "node:fs/promises";

const MS_PER_TICK = 10;

/** Milliseconds so far; undefined where there is no /proc. Backends that have ended are not counted, so read it while they live. */
export async function readCpuMs(serverPid: number): Promise<number | undefined> {
  const { user, system } = process.cpuUsage();
  try {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const ticks = await Promise.all(pids.map((pid) => readTicks(pid, serverPid)));
    return (user + system) / 1000 + ticks.reduce((sum, own) => sum + own, 0) * MS_PER_TICK;
  } catch {
    return undefined;
  }
}

/** Ticks of `pid` when it is a child of the server, as proc(5) gives them; a process that has just ended counts nothing. */
async function readTicks(pid: string, parent: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[1]) === parent ? Number(fields[11]) + Number(fields[12]) : 0;
}
