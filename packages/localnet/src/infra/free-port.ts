/** Finds a free loopback port that no outgoing connection will take meanwhile. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

/** Below it, well-known services listen. */
const FIRST_PORT = 10_000;
/** The lowest port an outgoing connection is given anywhere by default (Linux). */
const EPHEMERAL_FROM = 32_768;
/** With fewer ports than this to choose from, two processes would choose the same. */
const PORTS_MIN = 1_000;
const ATTEMPTS_MAX = 200;

/** Given by this process already; whoever asked may not have bound it yet. */
const given = new Set<number>();

/**
 * A port of the range the kernel gives to outgoing connections could be taken by any of them before it is bound, or while
 * its service restarts. Free at the moment of asking only: whoever binds it MUST be ready to ask for another.
 */
export async function findFreePort(): Promise<number> {
  const end = findEphemeralStart();
  if (end - FIRST_PORT < PORTS_MIN) return probe(0);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (end - FIRST_PORT));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  return probe(0);
}

function findEphemeralStart(): number {
  try {
    const range = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
    return Number.parseInt(range, 10) || EPHEMERAL_FROM;
  } catch {
    return EPHEMERAL_FROM;
  }
}

function isFree(port: number): Promise<boolean> {
  return probe(port).then(
    () => true,
    () => false,
  );
}

/** Binds it and lets it go again; 0 asks the kernel for one. */
async function probe(port: number): Promise<number> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
