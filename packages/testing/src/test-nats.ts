/** A NATS server of the test's own, that it may kill, restart and empty. */
import { rm } from "node:fs/promises";
import path from "node:path";
import { createTemporaryFolder, findNatsServer, startNats } from "@mira/localnet/infra";

export type TestNats = {
  /** Stays the same across restarts. */
  readonly url: string;
  readonly monitorUrl: string;
  /** kill -9, and wait until it is gone. */
  kill(): Promise<void>;
  /** Stops it in order if it runs, and starts it again with its streams. */
  restart(): Promise<void>;
  /** Loses everything: kill -9, empty the store. It runs again afterwards, with nothing in it. */
  wipe(): Promise<void>;
  close(): Promise<void>;
};

/** Starts in about 20 ms, so every test can have its own. Stops when the process ends, if the test forgets. */
export async function useTestNats(): Promise<TestNats> {
  const { path: binary } = await findNatsServer();
  const folder = await createTemporaryFolder("test-nats");
  const storeDir = path.join(folder.path, "store");
  let running = await startNats({ binary, storeDir });
  const { url, monitorUrl, port } = running;
  const monitorPort = Number(new URL(monitorUrl).port);
  const start = async (): Promise<void> => {
    running = await startNats({ binary, storeDir, port, monitorPort });
  };
  const kill = async (): Promise<void> => {
    running.kill("SIGKILL");
    await running.stop();
  };
  return {
    url,
    monitorUrl,
    kill,
    restart: async () => {
      await running.stop();
      await start();
    },
    wipe: async () => {
      await kill();
      await rm(storeDir, { recursive: true, force: true });
      await start();
    },
    close: async () => {
      await running.stop();
      await folder.remove();
    },
  };
}
