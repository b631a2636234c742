/** A workload by its name, with whatever it needs on the ledger set up first. */
import type { KeyPair } from "@mira/primitives";
import type { Cluster } from "./cluster.ts";
import { setUpTokens } from "./tokens.ts";
import { createHotWorkload, createSolWorkload, createZipfWorkload } from "./transfers.ts";
import type { Workload, WorkloadName } from "./workload.ts";

type Setting = {
  readonly cluster: Cluster;
  readonly accounts: readonly KeyPair[];
  readonly random: () => number;
};

export async function createWorkload(
  name: Exclude<WorkloadName, "heavy">,
  { cluster, accounts, random }: Setting,
): Promise<Workload> {
  switch (name) {
    case "sol":
      return createSolWorkload(accounts, random);
    case "hot":
      return createHotWorkload(accounts);
    case "zipf3":
      return createZipfWorkload(accounts, random);
    case "spl":
      return setUpTokens(cluster, accounts, random);
  }
}
