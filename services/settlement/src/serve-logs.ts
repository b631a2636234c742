/** Serves the leader's logs over HTTP, as files, while it leads. */
import { startLogServer, type ServedLog } from "./api/log-server.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { Leader } from "./leader.ts";
import { LogFilesStore } from "./store/log-files.ts";

export async function serveLogs({ context, pool, checkpoints, certificateHeads }: Leader): Promise<void> {
  const { config, logger, onStop } = context;
  if (config.logPort === undefined) return;
  const audit = new LogFilesStore(pool, "audit");
  const server = await startLogServer({
    host: config.grpcHost,
    port: config.logPort,
    logs: {
      audit: {
        ...describeLog(audit, checkpoints),
        readEntries: (index, width) => audit.readEntries(index, width),
      },
      // Its leaves are envelopes that their owners keep.
      certificates: describeLog(new LogFilesStore(pool, "certificate"), certificateHeads),
    },
    onError: (error, path) =>
      logger.error({ reason: String(error), path }, "a file of the log cannot be read"),
  });
  onStop("log server", server.stop);
  logger.info({ address: server.address }, "the logs are served");
}

function describeLog(files: LogFilesStore, { newest }: Checkpoints): ServedLog {
  return { newest, readTile: (tile) => files.readTile(tile) };
}
