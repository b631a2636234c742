/** starting -> serving -> draining -> stopped. Knows neither signals nor process.exit. */
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { delay } from "@mira/primitives";
import type { ServiceConfig } from "../config/service-spec.ts";
import { startGrpcServer } from "../grpc/server.ts";
import { observeProcess } from "../telemetry/process-metrics.ts";
import { startTelemetry, type Telemetry } from "../telemetry/start.ts";
import { startAdminServer } from "./admin-server.ts";
import { SYSTEM_CLOCK, type ServeGrpc, type ServiceContext } from "./context.ts";
import { monitorEventLoop } from "./event-loop.ts";
import type { Logger } from "./logger.ts";
import { Readiness } from "./readiness.ts";
import { Stops } from "./stops.ts";

export type LifecycleOptions<Config> = {
  readonly name: string;
  readonly version: string;
  readonly config: Config;
  readonly logger: Logger;
  /** Aborts to begin draining. */
  readonly ending: AbortSignal;
  readonly start: (context: ServiceContext<Config>) => Promise<void>;
};

/** Resolves when all is stopped: true after a clean run, false when a part failed to start, to go on or to stop. */
export async function runLifecycle<Config extends ServiceConfig>(
  options: LifecycleOptions<Config>,
): Promise<boolean> {
  return new Lifecycle(options).run();
}

class Lifecycle<Config extends ServiceConfig> {
  readonly #options: LifecycleOptions<Config>;
  readonly #readiness = new Readiness();
  readonly #stops: Stops;
  readonly #intake = new AbortController();
  readonly #failure = new AbortController();
  readonly #ending: AbortSignal;
  #grpcAddress: string | undefined;

  constructor(options: LifecycleOptions<Config>) {
    this.#options = options;
    this.#stops = new Stops(options.logger);
    this.#ending = AbortSignal.any([options.ending, this.#failure.signal]);
  }

  async run(): Promise<boolean> {
    await this.#start();
    if (!this.#ending.aborted) await once(this.#ending, "abort");
    const stoppedCleanly = await this.#drain();
    return stoppedCleanly && !this.#failure.signal.aborted;
  }

  async #start(): Promise<void> {
    // A start that waits for something must learn that it waits in vain.
    this.#ending.addEventListener("abort", this.#abortStart, { once: true });
    try {
      const admin = await this.#startFoundations();
      await this.#options.start(admin.context);
      if (!this.#ending.aborted) this.#announce(admin.address);
    } catch (error) {
      if (!this.#options.ending.aborted) this.#fail(error);
    } finally {
      this.#ending.removeEventListener("abort", this.#abortStart);
    }
  }

  readonly #abortStart = (): void => this.#intake.abort(this.#ending.reason);

  async #startFoundations(): Promise<{ address: string; context: ServiceContext<Config> }> {
    const { name, version, config } = this.#options;
    const { networkId, otlpEndpoint } = config;
    const telemetry = await startTelemetry({
      service: name,
      version,
      networkId,
      otlpEndpoint,
      instanceId: randomUUID(),
    });
    this.#stops.add("telemetry", () => telemetry.stop());
    const eventLoop = monitorEventLoop();
    observeProcess(telemetry.meter, eventLoop);
    const admin = await startAdminServer({
      host: config.adminHost,
      port: config.adminPort,
      readiness: this.#readiness,
      eventLoop,
      writeMetrics: telemetry.writeMetrics,
    });
    this.#stops.add("admin server", async () => {
      eventLoop.stop();
      await admin.stop();
    });
    return { address: admin.address, context: this.#createContext(telemetry) };
  }

  #createContext(telemetry: Telemetry): ServiceContext<Config> {
    const { config, logger } = this.#options;
    return {
      config,
      logger,
      signal: this.#intake.signal,
      health: this.#readiness,
      meter: telemetry.meter,
      tracer: telemetry.tracer,
      clock: SYSTEM_CLOCK,
      onStop: this.#stops.add,
      serveGrpc: this.#serveGrpc(telemetry),
      fail: (error) => this.#fail(error),
    };
  }

  #serveGrpc(telemetry: Telemetry): ServeGrpc {
    return async (options) => {
      const { config, logger } = this.#options;
      const defaults = {
        host: config.grpcHost,
        port: config.grpcPort,
        logger,
        readiness: this.#readiness,
        telemetry,
      };
      const server = await startGrpcServer({ ...defaults, ...options });
      this.#grpcAddress = server.address;
      this.#stops.add("gRPC server", (signal) => server.stop({ signal }));
      return server;
    };
  }

  /** One line that whoever started the process can wait for; it appears at every log level. */
  #announce(admin: string): void {
    this.#readiness.setState("serving");
    const line = { event: "serving", grpc: this.#grpcAddress, admin };
    this.#options.logger.child({}, { level: "info" }).info(line, "serving");
  }

  async #drain(): Promise<boolean> {
    const { config, logger } = this.#options;
    const wasServing = this.#readiness.state === "serving";
    this.#readiness.setState("draining");
    if (wasServing && config.drainDelayMs > 0) await delay(config.drainDelayMs, this.#failure.signal);
    this.#intake.abort(new Error("draining"));
    const clean = await this.#stops.run();
    this.#readiness.setState("stopped");
    logger.info({ event: "stopped", clean }, "stopped");
    return clean;
  }

  #fail(error: unknown): void {
    this.#options.logger.fatal({ error }, "the service cannot go on");
    this.#failure.abort(error);
  }
}
