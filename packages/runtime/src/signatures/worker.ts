/** A verifier thread: packed transactions in, verdicts out; memory is handed over, not copied. */
import { parentPort } from "node:worker_threads";
import { verifyMany } from "./packed.ts";
import type { ChunkAnswer, ChunkRequest } from "./thread.ts";

const port = parentPort;
port?.on("message", ({ id, packed }: ChunkRequest) => {
  const { valid, hashes } = verifyMany(packed);
  // A small Buffer may live in a pool of Node's that cannot be handed over.
  const ownHashes = new Uint8Array(hashes);
  const answer: ChunkAnswer = { id, valid, hashes: ownHashes };
  port.postMessage(answer, [valid.buffer as ArrayBuffer, ownHashes.buffer]);
});
