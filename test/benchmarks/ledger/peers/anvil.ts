/** anvil: the development chain of Foundry, a block a second, transfers signed beforehand and sent as raw transactions over HTTP. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "@mira/localnet/infra";
import { encodeUtf8, sha256 } from "@mira/primitives";
import { computeMedian, round } from "../statistics.ts";
import { addressOf, signTransfer } from "./ethereum-transfer.ts";
import type { PeerEffort, PeerResult } from "./peer.ts";

const SENDERS = 200;
const CHAIN_ID = 31_337n;
const GWEI = 1_000_000_000n;
/** One HTTP request carries so many: faster for anvil than one each. */
const CALLS_PER_REQUEST = 100;
const REQUESTS_AT_ONCE = 4;
const ROUND_MS_MAX = 20_000;
const READY_MS_MAX = 10_000;
const EXIT_MS = 2_000;
const POLL_MS = 20;
/** Enough for some whole blocks in between at what anvil does. */
const TRANSACTIONS_PER_SLICE_MS = 4;
/** Signing for it takes longer than running it. */
const SLICES_MAX = 3;

/** Undefined where there is no anvil for this platform. */
export async function measureAnvil(effort: PeerEffort): Promise<PeerResult | undefined> {
  const binary = findBinary();
  if (binary === undefined) return undefined;
  const port = await findFreePort();
  const child = spawn(
    binary,
    [
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      "--block-time",
      "1",
      "--silent",
      "--disable-block-gas-limit",
    ],
    { stdio: "ignore" },
  );
  try {
    const rpc = createRpc(port);
    await waitUntilReady(rpc, child);
    return await measure(rpc, effort);
  } finally {
    await stop(child);
  }
}

async function measure(rpc: Rpc, { slices, sliceMs }: PeerEffort): Promise<PeerResult> {
  const senders = await fundSenders(rpc);
  const perSender = Math.ceil((sliceMs * TRANSACTIONS_PER_SLICE_MS) / SENDERS);
  const rates: number[] = [];
  for (let slice = 0; slice < Math.min(slices, SLICES_MAX); slice += 1) {
    const firstNonce = slice * perSender;
    const signed = Array.from({ length: perSender * SENDERS }, (_, index) =>
      signOne(senders[index % SENDERS] ?? NO_KEY, BigInt(firstNonce + Math.floor(index / SENDERS))),
    );
    rates.push(round(await runSlice(rpc, signed, firstNonce + perSender)));
  }
  return {
    name: "anvil",
    tps: round(computeMedian(rates)),
    slices: rates,
    conditions: `ETH transfers of ${SENDERS} senders signed beforehand, eth_sendRawTransaction ${CALLS_PER_REQUEST} per request, blocks of 1 s without gas limit; in memory, not durable`,
  };
}

async function runSlice(rpc: Rpc, signed: readonly string[], endNonce: number): Promise<number> {
  const firstBlock = await readBlockNumber(rpc);
  const startedAt = performance.now();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < signed.length) {
      const part = signed.slice(next, (next += CALLS_PER_REQUEST));
      await rpc(part.map((raw) => ({ method: "eth_sendRawTransaction", params: [raw] })));
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, work));
  while (!(await areAllIncluded(rpc, endNonce))) {
    if (performance.now() - startedAt > ROUND_MS_MAX) throw new Error("anvil did not include all in time");
    await sleep(POLL_MS);
  }
  const overall = (signed.length / (performance.now() - startedAt)) * 1000;
  return Math.max(overall, await computeBlockRate(rpc, firstBlock, await readBlockNumber(rpc)));
}

/** A slice begins and ends somewhere inside a block interval; between its first and its last block the rate is free of that. */
async function computeBlockRate(rpc: Rpc, before: number, last: number): Promise<number> {
  const numbers = Array.from(
    { length: last - before },
    (_, index) => `0x${(before + 1 + index).toString(16)}`,
  );
  const counts = await rpc(
    numbers.map((number) => ({ method: "eth_getBlockTransactionCountByNumber", params: [number] })),
  );
  const filled = counts.map(Number).filter((count) => count > 0);
  const whole = filled.slice(1, -1);
  return whole.length === 0 ? 0 : whole.reduce((sum, count) => sum + count, 0) / whole.length;
}

async function readBlockNumber(rpc: Rpc): Promise<number> {
  return Number((await rpc([{ method: "eth_blockNumber", params: [] }]))[0]);
}

/** Asks about the last sender only, until that one is through: polling must not cost the chain much. */
async function areAllIncluded(rpc: Rpc, endNonce: number): Promise<boolean> {
  const ask = (addresses: readonly string[]): Promise<string[]> =>
    rpc(addresses.map((address) => ({ method: "eth_getTransactionCount", params: [address, "latest"] })));
  if (Number((await ask(senderAddresses.slice(-1)))[0]) < endNonce) return false;
  return (await ask(senderAddresses)).every((nonce) => Number(nonce) >= endNonce);
}

const NO_KEY = new Uint8Array(32);
const secretKeys = Array.from({ length: SENDERS }, (_, index) =>
  sha256(encodeUtf8(`mira-benchmark:evm:${index}`)),
);
const senderAddresses = secretKeys.map((key) => toHex(addressOf(key)));

async function fundSenders(rpc: Rpc): Promise<readonly Uint8Array[]> {
  await rpc(
    senderAddresses.map((address) => ({
      method: "anvil_setBalance",
      params: [address, "0x3635c9adc5dea00000"],
    })),
  );
  return secretKeys;
}

function signOne(key: Uint8Array, nonce: bigint): string {
  const transfer = {
    chainId: CHAIN_ID,
    nonce,
    maxPriorityFeePerGas: GWEI,
    maxFeePerGas: 100n * GWEI,
    gasLimit: 21_000n,
    to: sha256(key).subarray(0, 20),
    valueWei: 1n,
  };
  return toHex(signTransfer(transfer, key));
}

function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

type RpcCall = { readonly method: string; readonly params: readonly unknown[] };
type Rpc = (calls: readonly RpcCall[]) => Promise<string[]>;

function createRpc(port: number): Rpc {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  return async (calls) => {
    const body = JSON.stringify(calls.map((call, id) => ({ jsonrpc: "2.0", id, ...call })));
    const sending = request({
      agent,
      port,
      host: "127.0.0.1",
      method: "POST",
      headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
    });
    sending.end(body);
    const [response] = (await once(sending, "response")) as [AsyncIterable<Buffer>];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const answers = JSON.parse(Buffer.concat(chunks).toString()) as { result?: string; error?: unknown }[];
    const failed = answers.find(({ error }) => error !== undefined);
    if (failed !== undefined) throw new Error(`anvil: ${JSON.stringify(failed.error)}`);
    return answers.map(({ result }) => result ?? "");
  };
}

async function waitUntilReady(rpc: Rpc, child: ChildProcess): Promise<void> {
  const until = performance.now() + READY_MS_MAX;
  for (;;)
    try {
      await rpc([{ method: "eth_chainId", params: [] }]);
      return;
    } catch (error) {
      if (child.exitCode !== null || performance.now() > until)
        throw new Error("anvil did not start", { cause: error });
      await sleep(50);
    }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), EXIT_MS);
  await exited;
  clearTimeout(timer);
}

function findBinary(): string | undefined {
  const names: Partial<Record<string, string>> = { "linux-x64": "linux-amd64", "linux-arm64": "linux-arm64" };
  const platform = names[`${process.platform}-${process.arch}`];
  try {
    return createRequire(import.meta.url).resolve(`@foundry-rs/anvil-${platform ?? "none"}/bin/anvil`);
  } catch {
    return undefined;
  }
}
