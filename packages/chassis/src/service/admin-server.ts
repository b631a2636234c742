/** The admin port: plain HTTP for probes and scrapes, never behind TLS, never on the port that serves calls. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { EventLoopMonitor } from "./event-loop.ts";
import { startHttpServer, type RunningHttpServer } from "./http-server.ts";
import type { Readiness } from "./readiness.ts";

/** Liveness restarts the process, so it bears any pause that work may cause. */
const EVENT_LOOP_DELAY_MAX_MS = 15_000;

export type AdminOptions = {
  readonly host: string;
  readonly port: number;
  readonly readiness: Readiness;
  readonly eventLoop: EventLoopMonitor;
  readonly writeMetrics: (request: IncomingMessage, response: ServerResponse) => void;
};

export function startAdminServer(options: AdminOptions): Promise<RunningHttpServer> {
  const { host, port } = options;
  return startHttpServer({ host, port, answer: (request, response) => answer(options, request, response) });
}

function answer(options: AdminOptions, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url?.split("?")[0] ?? "";
  if (path === "/metrics") {
    options.writeMetrics(request, response);
    return;
  }
  const { status, body } = describe(options, path);
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify(body)}\n`);
}

function describe({ readiness, eventLoop }: AdminOptions, path: string): { status: number; body: object } {
  switch (path) {
    case "/livez": {
      const eventLoopDelayMs = Math.round(eventLoop.maxDelayMs());
      return { status: eventLoopDelayMs <= EVENT_LOOP_DELAY_MAX_MS ? 200 : 503, body: { eventLoopDelayMs } };
    }
    case "/readyz":
      return { status: readiness.isReady ? 200 : 503, body: readiness.report() };
    case "/startupz":
      return { status: readiness.state === "starting" ? 503 : 200, body: { state: readiness.state } };
    default:
      return { status: 404, body: { error: "needed /livez, /readyz, /startupz or /metrics" } };
  }
}
