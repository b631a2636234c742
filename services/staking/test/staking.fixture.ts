/** The staking service on a real database over real gRPC, with a base ledger that keeps settlement's promises and writes down what it was asked. */
import { randomBytes } from "node:crypto";
import { settlement, staking } from "@mira/api";
import {
  createGrpcClient,
  createLogger,
  createPool,
  startGrpcServer,
  unary,
  type GrpcClient,
} from "@mira/chassis";
import { openEventStore, type EventStore } from "@mira/event-store";
import {
  createKeyPair,
  deriveValidatorId,
  describeBond,
  describeUnbond,
  encodeAttestation,
  parseBaseUnits,
  parseUnixMs,
  refuse,
  signIntent,
  succeed,
  type BondTerms,
  type Intent,
  type KeyPair,
  type SignedIntent,
  type Verdict,
} from "@mira/primitives";
import { FakeClock } from "@mira/testing";
import { createStakingApi } from "../src/api/staking-api.ts";
import { createBaseLedger } from "../src/clients/base-ledger.ts";
import type { BaseLedger, DutyList } from "../src/ports.ts";
import { createDutyList, createValidatorLists, openDatabase } from "../src/store/lists.ts";
import { createStandingList } from "../src/store/standings.ts";
import { migrateTables } from "../src/store/tables.ts";
import { createValidatorRepository } from "../src/store/validator-repository.ts";
import { carryOutDue, type DutyDependencies } from "../src/workers/duties.ts";

export const NETWORK = "mira-test";
export const START = 1_800_000_000_000;
export const UNBONDING_MS = 10_000;
export const BOND_MINIMUM = 100n;
export const operator = createKeyPair(new Uint8Array(32).fill(2));
export const stranger = createKeyPair(new Uint8Array(32).fill(3));
const SILENT = createLogger({ service: "test", version: "0", level: "silent" });

let keys = 0;
/** Another validator each time: tests share a database. */
export function createValidatorKey(): KeyPair {
  return createKeyPair(Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 99 : at === 1 ? ++keys : 7)));
}

type Transfer = settlement.Transfer & { readonly content: string };

/** Settlement's base ledger as its callers know it: one request id is one transfer, pending ones are posted or voided once. */
export class LedgerStandIn {
  readonly requests: string[] = [];
  readonly transfers = new Map<string, Transfer>();
  readonly available = new Map<string, bigint>();
  away = false;

  fund(account: string, units: bigint): void {
    this.available.set(account, this.balance(account) + units);
  }

  balance(account: string): bigint {
    return this.available.get(account) ?? 0n;
  }

  create(request: settlement.CreateTransferRequest) {
    this.#note(`create ${request.requestId}`);
    const { requestId, debitAccount, creditAccount, amountUnits, pendingMs } = request;
    const content = `${debitAccount} ${creditAccount} ${amountUnits} ${pendingMs}`;
    const known = this.transfers.get(requestId);
    if (known !== undefined)
      return known.content === content
        ? succeed({ transfer: known })
        : refuse("REQUEST_ID_REUSED", "the request id was used with another content");
    const amount = BigInt(amountUnits);
    if (amount <= 0n) return refuse("REQUEST_INVALID", "an amount is above zero");
    if (this.balance(debitAccount) < amount) return refuse("BALANCE_INSUFFICIENT", "not enough");
    const state = pendingMs === 0n ? settlement.TransferState.POSTED : settlement.TransferState.PENDING;
    const transfer = {
      ...settlement.Transfer.fromPartial({
        transferId: requestId,
        debitAccount,
        creditAccount,
        amountUnits,
        state,
      }),
      content,
    };
    this.transfers.set(requestId, transfer);
    this.fund(debitAccount, -amount);
    if (pendingMs === 0n) this.fund(creditAccount, amount);
    return succeed({ transfer });
  }

  end(transferId: string, state: settlement.TransferState) {
    this.#note(`${state === settlement.TransferState.POSTED ? "post" : "void"} ${transferId}`);
    const transfer = this.transfers.get(transferId);
    if (transfer === undefined) return refuse("NOT_FOUND", "no such transfer");
    if (transfer.state === state) return succeed({ transfer });
    if (transfer.state !== settlement.TransferState.PENDING) return refuse("TRANSFER_ENDED", "it has ended");
    const ended = { ...transfer, state };
    this.transfers.set(transferId, ended);
    const { debitAccount, creditAccount, amountUnits } = transfer;
    this.fund(state === settlement.TransferState.POSTED ? creditAccount : debitAccount, BigInt(amountUnits));
    return succeed({ transfer: ended });
  }

  #note(request: string): void {
    this.requests.push(request);
    if (this.away) throw new Error("settlement is away");
  }
}

export type Staking = AsyncDisposable & {
  readonly store: EventStore;
  readonly client: GrpcClient<typeof staking.StakingServiceService>;
  readonly clock: FakeClock;
  readonly duties: DutyDependencies;
  readonly refusedDuties: string[];
};

export type Broken = {
  readonly ledger?: (ledger: BaseLedger) => BaseLedger;
  readonly duties?: (duties: DutyList) => DutyList;
};

/** `broken` puts something between the service and its ledger or its list of duties: where a crash or a failure shall strike. */
export async function openStaking(
  databaseUrl: string,
  ledgerStandIn: LedgerStandIn,
  clock = new FakeClock(START),
  broken: Broken = {},
): Promise<Staking> {
  const pool = createPool(databaseUrl, { max: 8, name: "staking", logger: SILENT });
  const store = openEventStore({ pool, schema: "staking" });
  await store.migrate();
  await migrateTables(pool);
  const database = openDatabase(pool);
  const base = await serveLedger(ledgerStandIn);
  const ledger = broken.ledger?.(base.ledger) ?? base.ledger;
  const streams = createValidatorRepository(store, database, () => undefined);
  const refusedDuties: string[] = [];
  const list = createDutyList(database);
  const duties: DutyDependencies = {
    duties: broken.duties?.(list) ?? list,
    ledger,
    streams,
    clock,
    onRefused: (dutyId, reason) => refusedDuties.push(`${dutyId} ${reason}`),
  };
  const implementation = createStakingApi({
    networkId: NETWORK,
    bondMinimum: parseBaseUnits(BOND_MINIMUM),
    unbondingMs: UNBONDING_MS,
    slashBps: 5_000n,
    streams,
    ledger,
    clock,
    lists: createValidatorLists(database),
    standings: createStandingList(database),
    carryOutDue: () => carryOutDue(duties),
  });
  const service = { definition: staking.StakingServiceService, implementation };
  const server = await startGrpcServer({ services: [service], host: "127.0.0.1", port: 0, logger: SILENT });
  const client = createGrpcClient(staking.StakingServiceClient, server.address);
  return {
    store,
    client,
    clock,
    duties,
    refusedDuties,
    async [Symbol.asyncDispose]() {
      client.close();
      await server.stop({ graceMs: 0 });
      await base.stop();
      await pool.end();
    },
  };
}

/** The real client of the base ledger, over real gRPC, to the stand-in. */
async function serveLedger(
  ledger: LedgerStandIn,
): Promise<{ ledger: BaseLedger; stop: () => Promise<void> }> {
  const implementation = {
    createTransfer: unary((request: settlement.CreateTransferRequest) => ledger.create(request)),
    postTransfer: unary((request: settlement.PostTransferRequest) =>
      ledger.end(request.transferId, settlement.TransferState.POSTED),
    ),
    voidTransfer: unary((request: settlement.VoidTransferRequest) =>
      ledger.end(request.transferId, settlement.TransferState.VOIDED),
    ),
  };
  const service = { definition: settlement.SettlementServiceService, implementation };
  const server = await startGrpcServer({ services: [service], host: "127.0.0.1", port: 0, logger: SILENT });
  const client = createGrpcClient(settlement.SettlementServiceClient, server.address);
  return {
    ledger: createBaseLedger(client),
    stop: async () => {
      client.close();
      await server.stop({ graceMs: 0 });
    },
  };
}

export function signBond(
  validatorKey: Uint8Array,
  amount: bigint,
  change: Partial<BondTerms> = {},
  signer: KeyPair = operator,
): SignedIntent {
  const amountUnits = parseBaseUnits(amount);
  return sign(
    "stake.bond",
    describeBond({ validatorKey, family: "built-in", amountUnits, ...change }),
    signer,
  );
}

export function signUnbond(
  validatorKey: Uint8Array,
  amount: bigint,
  signer: KeyPair = operator,
): SignedIntent {
  return sign("stake.unbond", describeUnbond({ validatorKey, amountUnits: parseBaseUnits(amount) }), signer);
}

export function sign(purpose: Intent["purpose"], fields: Intent["fields"], signer: KeyPair): SignedIntent {
  const notAfter = parseUnixMs(START + 3_600_000);
  const requestId = randomBytes(16);
  return signIntent(
    { networkId: NETWORK, purpose, account: signer.publicKey, epoch: 0, requestId, notAfter, fields },
    signer,
  );
}

/** Two attestations of one validator that contradict each other. */
export function equivocate(validator: KeyPair, claimId = "c1"): staking.SubmitEvidenceRequest {
  const validatorId = deriveValidatorId(validator.publicKey);
  const attest = (verdict: Verdict) => {
    const attestation = encodeAttestation({
      networkId: NETWORK,
      verificationId: "v1",
      claimId,
      claimHash: new Uint8Array(32),
      validatorId,
      verdict,
      confidenceBps: 10_000,
      evidenceHash: new Uint8Array(32),
    });
    return { attestation, signature: validator.sign(attestation) };
  };
  return { validatorId, first: attest("supported"), second: attest("refuted"), reporter: stranger.publicKey };
}
