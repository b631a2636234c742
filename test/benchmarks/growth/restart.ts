/** How long a service needs from being asked to end until it serves again, with all that it rebuilds meanwhile. */
import type { Localnet } from "@mira/localnet";
import { delay } from "@mira/primitives";

const POLL_MS = 20;

/** Milliseconds by service; one after the other, so that each has the machine. */
export async function measureRestarts(
  localnet: Localnet,
  names: readonly string[],
  deadlineMs: number,
): Promise<Record<string, number>> {
  const restarts: Record<string, number> = {};
  for (const name of names) restarts[name] = await measureRestart(localnet, name, deadlineMs);
  return restarts;
}

async function measureRestart({ services }: Localnet, name: string, deadlineMs: number): Promise<number> {
  const service = services.get(name);
  if (service === undefined) throw new Error(`no service is called ${name}`);
  const restartsBefore = service.restarts();
  const signal = AbortSignal.timeout(deadlineMs);
  const startedAt = performance.now();
  service.kill("SIGTERM");
  while (service.restarts() === restartsBefore || !(await isReady(service.adminAddress)))
    if (!(await delay(POLL_MS, signal))) throw new Error(`${name} is not ready after ${deadlineMs} ms`);
  return Math.round(performance.now() - startedAt);
}

async function isReady(adminAddress: string): Promise<boolean> {
  return fetch(`http://${adminAddress}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
