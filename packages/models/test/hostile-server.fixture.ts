/** A server that does one wrong thing. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export type Behaviour = (response: ServerResponse, request: IncomingMessage, count: number) => void;

export async function startHostileServer(
  context: TestContext,
  behave: Behaviour,
): Promise<{ readonly url: string; readonly calls: () => number }> {
  let calls = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => behave(response, request, ++calls));
    // A client that hangs up is no fault of the test.
    response.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, calls: () => calls };
}

export function answer(content: unknown, extra: object = {}): string {
  return JSON.stringify({
    model: "tiny",
    choices: [{ message: { content }, finish_reason: "stop" }],
    ...extra,
  });
}

export const respond =
  (status: number, body: string, headers: Record<string, string> = {}): Behaviour =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body);
  };
