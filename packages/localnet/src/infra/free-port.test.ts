/** Ports chosen for servers stay out of the way of outgoing connections and of each other. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { test } from "node:test";
import { findFreePort } from "./free-port.ts";

const RANGE = "/proc/sys/net/ipv4/ip_local_port_range";

test("a port is outside the range of outgoing connections, is free, and is given once", async (t) => {
  if (!existsSync(RANGE)) {
    t.skip("the range of outgoing connections is read on Linux only");
    return;
  }
  const [low = 0, high = 0] = readFileSync(RANGE, "utf8").split(/\s+/).map(Number);
  const ports = await Promise.all(Array.from({ length: 100 }, findFreePort));
  assert.equal(new Set(ports).size, ports.length);
  for (const port of ports) assert.ok(port < low || port > high, `${port} is an outgoing connection's`);
  const server = createServer().listen(ports[0], "127.0.0.1");
  await once(server, "listening");
  server.close();
});
