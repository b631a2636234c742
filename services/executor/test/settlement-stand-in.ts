/** A gRPC settlement that holds accounts and a count of settled batches, and nothing else: what executors ask of it. */
import { settlement } from "@mira/api";
import { createLogger, serverStream, startGrpcServer, unary } from "@mira/chassis";
import { refuse, succeed } from "@mira/primitives";
import { accountKey, accountKeyBytes, type AccountValue } from "@mira/runtime/wire";

export type SettledState = Map<
  string,
  { readonly version: number; readonly value: AccountValue | undefined }
>;

export type SettlementStandIn = {
  readonly target: string;
  readonly state: SettledState;
  readonly packed: Map<number, Uint8Array>;
  readonly setAside: Set<string>;
  settledBatches: number;
  settledSequence: number;
  finalizedBatches: number;
  /** Tells those who watch. */
  announce(): void;
  stop(): Promise<void>;
};

export async function startSettlementStandIn(): Promise<SettlementStandIn> {
  const watchers = new Set<() => void>();
  const standIn: SettlementStandIn = {
    target: "",
    state: new Map(),
    packed: new Map(),
    setAside: new Set(),
    settledBatches: 0,
    settledSequence: 0,
    finalizedBatches: 0,
    announce: () => watchers.forEach((wake) => wake()),
    stop: () => server.stop({ graceMs: 100 }),
  };
  const implementation = createImplementation(standIn, watchers);
  const server = await startGrpcServer({
    services: [{ definition: settlement.SettlementServiceService, implementation }],
    host: "127.0.0.1",
    port: 0,
    logger: createLogger({ service: "settlement-stand-in", version: "0", level: "fatal" }),
  });
  return Object.assign(standIn, { target: server.address });
}

function createImplementation(
  standIn: SettlementStandIn,
  watchers: Set<() => void>,
): settlement.SettlementServiceServer {
  const implementation = {
    getAccounts: unary((request: settlement.GetAccountsRequest) =>
      succeed({
        accounts: request.keys.map((key) => toAccount(standIn.state, accountKey(key))),
        settledBatches: BigInt(standIn.settledBatches),
      }),
    ),
    getStatus: unary(() =>
      succeed({
        ...settlement.GetStatusResponse.create(),
        executors: [...standIn.setAside].map((executorId) => ({
          ...settlement.ExecutorInfo.create(),
          executorId,
          setAside: true,
        })),
      }),
    ),
    watchProgress: serverStream(async function* (_request: settlement.WatchProgressRequest, call) {
      while (!call.signal.aborted) {
        yield toProgress(standIn);
        await new Promise<void>((resolve) => {
          watchers.add(resolve);
          call.signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
    }),
    getSettledBatch: unary((request: settlement.GetSettledBatchRequest) => {
      const packed = standIn.packed.get(Number(request.batchNumber));
      const finalized = request.batchNumber < BigInt(standIn.finalizedBatches);
      return packed === undefined ? refuse("NOT_FOUND", "not settled") : succeed({ packed, finalized });
    }),
    streamSnapshot: serverStream(async function* () {
      const accounts = [...standIn.state.keys()].map((key) => toAccount(standIn.state, key));
      yield await Promise.resolve({ finalizedBatches: BigInt(standIn.finalizedBatches), accounts });
    }),
  };
  // The other calls are not answered: grpc-js says UNIMPLEMENTED for them.
  return implementation as unknown as settlement.SettlementServiceServer;
}

function toProgress(standIn: SettlementStandIn): settlement.WatchProgressResponse {
  return {
    ...settlement.WatchProgressResponse.create(),
    settledBatches: BigInt(standIn.settledBatches),
    settledSequence: BigInt(standIn.settledSequence),
    finalizedBatches: BigInt(standIn.finalizedBatches),
  };
}

function toAccount(state: SettledState, key: string): settlement.Account {
  const found = state.get(key);
  const value = found?.value;
  return {
    key: accountKeyBytes(key),
    exists: value !== undefined,
    lamports: value?.lamports ?? 0n,
    owner: value?.owner ?? new Uint8Array(32),
    data: value?.data ?? new Uint8Array(0),
    executable: value?.executable ?? false,
    rentEpoch: value?.rentEpoch ?? 0n,
    version: BigInt(found?.version ?? 0),
  };
}
