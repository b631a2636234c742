/** An executor that takes one message, says so, and never answers: its parent kills it. */
import { connectMessaging } from "../src/index.ts";
import { WORK, WORKERS } from "./fixture.ts";

const signal = new AbortController().signal;
const messaging = await connectMessaging({ url: process.argv[2] ?? "", name: "dying", signal });
await messaging.declare({ streams: [WORK], consumers: [WORKERS] });
await messaging.consume({ stream: "WORK", durable: "workers", batch: 1, signal }, async () => {
  process.send?.("holding");
  await new Promise(() => undefined);
});
