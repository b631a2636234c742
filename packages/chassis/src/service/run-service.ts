/** The main() of every service: its lifecycle, tied to the process. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LoadedConfig } from "../config/load.ts";
import type { ServiceConfig } from "../config/service-spec.ts";
import type { ServiceContext } from "./context.ts";
import { runLifecycle } from "./lifecycle.ts";
import { createLogger, type Logger } from "./logger.ts";
import { EXIT_CONFIG, EXIT_FAILURE, exitOnFatalErrors, listenForSignals } from "./signals.ts";

export type ServiceOptions<Config> = {
  readonly name: string;
  readonly version: string;
  readonly config: LoadedConfig<Config>;
  /** Resolves when the service serves. What it started ends by what it gave to onStop, also when it throws. */
  readonly start: (context: ServiceContext<Config>) => Promise<void>;
};

/**
 * Never returns: exits with 0 after a clean drain, 78 when the configuration is wrong, 1 otherwise. Draining that
 * outlasts the grace is cut.
 */
export async function runService<Config extends ServiceConfig>(
  options: ServiceOptions<Config>,
): Promise<never> {
  const { name, version, start } = options;
  if (!options.config.ok) return exitWithProblems(name, version, options.config.problems);
  const { config } = options.config;
  const logger = createLogger({ service: name, version, level: config.logLevel });
  exitOnFatalErrors(logger);
  const ending = new AbortController();
  const grace = Promise.withResolvers<boolean>();
  listenForSignals(logger, () => {
    void cutAfter(config.shutdownGraceMs, logger).then(grace.resolve);
    ending.abort(new Error("draining"));
  });
  const lifecycle = runLifecycle({ name, version, config, logger, start, ending: ending.signal });
  const clean = await Promise.race([lifecycle, grace.promise]);
  process.exit(clean ? 0 : EXIT_FAILURE);
}

function exitWithProblems(service: string, version: string, problems: readonly string[]): never {
  const logger = createLogger({ service, version, level: "info" });
  logger.fatal({ problems }, `the configuration has ${problems.length} problems`);
  process.exit(EXIT_CONFIG);
}

async function cutAfter(graceMs: number, logger: Logger): Promise<boolean> {
  await sleep(graceMs);
  logger.fatal({ graceMs }, "draining outlasted the grace and was cut");
  return false;
}
