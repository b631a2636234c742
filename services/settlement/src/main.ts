/** Composition root of settlement: configuration -> dependencies -> start -> drain. */
import { runService } from "@mira/chassis";
import { readConfig } from "./config.ts";
import { startSettlement } from "./start.ts";

await runService({
  name: "settlement",
  version: "0.1.0",
  config: readConfig(process.env),
  start: startSettlement,
});
