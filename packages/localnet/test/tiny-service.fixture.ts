/** As much of a service as the supervisor knows: it says that it serves, keeps the port it is given, and ends as it is told. */
import { createServer } from "node:http";

const { TINY_BEHAVIOUR = "serve", MIRA_GRPC_PORT = "0", MIRA_ADMIN_PORT = "0" } = process.env;

process.stdout.write(`settings ${Object.keys(process.env).sort().join(",")}\n`);
if (TINY_BEHAVIOUR === "refuse") {
  process.stdout.write("MIRA_NATS_URL: needed, and not set\n");
  process.exit(78);
}
const grpc = await listen(MIRA_GRPC_PORT);
const admin = await listen(MIRA_ADMIN_PORT);
process.on("SIGTERM", () => {
  process.stdout.write("draining\n");
  setTimeout(() => process.exit(0), 50);
});
process.stdout.write('{"event":"serving" but cut off\n');
process.stdout.write(`${JSON.stringify({ event: "serving", service: "tiny", grpc, admin })}\n`);

function listen(port: string): Promise<string> {
  const server = createServer((_request, response) => response.end("here"));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(Number(port), "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? `127.0.0.1:${address.port}` : "");
    });
  });
}
