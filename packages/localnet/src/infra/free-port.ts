/** Asks the kernel for a free loopback port. */
import { once } from "node:events";
import { createServer } from "node:net";

/** Free at the moment of asking only: whoever binds it MUST be ready to ask for another. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
