/** A plain HTTP server with bounds, for what is not a call: probes, scrapes, files. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type HttpServerOptions = {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** Absent: as many as come. */
  readonly connectionsMax?: number;
};

export type RunningHttpServer = {
  /** `host:port`. */
  readonly address: string;
  /** Ends open connections too. */
  readonly stop: () => Promise<void>;
};

const REQUEST_TIMEOUT_MS = 5_000;

export async function startHttpServer(options: HttpServerOptions): Promise<RunningHttpServer> {
  const server = createServer(options.answer);
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  if (options.connectionsMax !== undefined) server.maxConnections = options.connectionsMax;
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once("error", reject);
  server.listen(options.port, options.host, () => resolve(undefined));
  await promise;
  const { port } = server.address() as AddressInfo;
  return { address: `${options.host}:${port}`, stop: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.close(() => resolve(undefined));
  server.closeAllConnections();
  await promise;
}
