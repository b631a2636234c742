/** Load, decide, append for the base ledger: each call one transaction, idempotent by request id. */
import { randomUUID } from "node:crypto";
import { TransferPosted, TransferVoided } from "@mira/api/gen/mira/events/v1/events.ts";
import type { EventStore, Fence } from "@mira/event-store";
import { HEADER } from "@mira/messaging";
import {
  bytesEqual,
  encodeUtf8,
  refuse,
  RefusalError,
  sha256,
  succeed,
  unreachable,
  type Result,
  type UnixMs,
} from "@mira/primitives";
import type { Pool, PoolClient } from "pg";
import {
  decide,
  evolveTransfer,
  type BaseCommand,
  type BaseEvent,
  type Transfer,
} from "../domain/base-ledger.ts";
import type { Clock } from "../ports.ts";
import {
  applyBaseEvent,
  findRequest,
  listExpired,
  lockBaseState,
  readTransfer,
  takeRequest,
} from "./base-ledger.ts";
import { BASE_LEDGER_STREAM, encodeTransferCreated } from "./journal.ts";
import { inTransaction } from "./transaction.ts";

const ATTEMPTS_MAX = 8;
const EXPIRED_AT_ONCE_MAX = 64;

export type TransferRequest = {
  readonly requestId: string;
  /** Whatever makes two requests with one id the same request. */
  readonly content: readonly string[];
  /** Undefined where no intent is needed. An intent is used once. */
  readonly intent: Uint8Array | undefined;
};

export type BaseTransfersParts = {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly fence: Fence;
  readonly clock: Clock;
};

export class BaseTransfers {
  readonly #parts: BaseTransfersParts;

  constructor(parts: BaseTransfersParts) {
    this.#parts = parts;
  }

  /** `command` gets the id of the transfer, which is the request's. */
  async create(
    request: TransferRequest,
    command: Omit<Extract<BaseCommand, { type: "create" }>, "transferId" | "type">,
  ): Promise<Result<Transfer>> {
    const transferId = request.requestId;
    return this.#handle(request, { ...command, type: "create", transferId }, transferId);
  }

  async post(request: TransferRequest, transferId: string): Promise<Result<Transfer>> {
    return this.#handle(request, { type: "post", at: this.#parts.clock.now() }, transferId);
  }

  async void(request: TransferRequest, transferId: string, reason: string): Promise<Result<Transfer>> {
    return this.#handle(request, { type: "void", at: this.#parts.clock.now(), reason }, transferId);
  }

  /** Voids transfers whose time has come; says how many there were at once. */
  async expireDue(): Promise<number> {
    const now = this.#parts.clock.now();
    const due = await listExpired(this.#parts.pool, now, EXPIRED_AT_ONCE_MAX);
    for (const transferId of due)
      await this.#handle(
        { requestId: `expire/${transferId}`, content: [], intent: undefined },
        { type: "expire", at: now },
        transferId,
      );
    return due.length;
  }

  async #handle(
    request: TransferRequest,
    command: BaseCommand,
    transferId: string,
  ): Promise<Result<Transfer>> {
    const { pool, store } = this.#parts;
    for (let attempt = 1; ; attempt++) {
      try {
        const transfer = await inTransaction(pool, (client) =>
          this.#run(client, request, command, transferId),
        );
        store.notifyAppended();
        return succeed(transfer);
      } catch (error) {
        if (!(error instanceof RefusalError)) throw error;
        if (error.refusal.code !== "CONCURRENT_CHANGE" || attempt === ATTEMPTS_MAX) return error.refusal;
      }
    }
  }

  /** Refusals are thrown, so that the transaction is undone. */
  async #run(
    client: PoolClient,
    request: TransferRequest,
    command: BaseCommand,
    transferId: string,
  ): Promise<Transfer> {
    const contentHash = hashContent(request.content);
    const known = await findRequest(client, request.requestId);
    if (known !== undefined) return repeat(client, known, contentHash);
    const names = command.type === "create" ? [command.debit, command.credit] : [];
    const state = await lockBaseState(client, names, command.type === "create" ? undefined : transferId);
    const decision = decide(command, state);
    if (!decision.ok) throw new RefusalError(decision);
    const intentHash = request.intent === undefined ? undefined : sha256(request.intent);
    if (!(await takeRequest(client, { requestId: request.requestId, contentHash, transferId, intentHash })))
      throw new RefusalError(await describeTaken(client, request.requestId));
    for (const event of decision.events) await this.#append(client, event, request.requestId);
    const [event] = decision.events;
    if (event === undefined) throw new RefusalError(refuse("NOT_FOUND", "nothing was decided"));
    return evolveTransfer(event);
  }

  async #append(client: PoolClient, event: BaseEvent, requestId: string): Promise<void> {
    const { store, fence } = this.#parts;
    const { type, payload, subject } = encodeEvent(event, requestId);
    const headers = { [HEADER.type]: type, [HEADER.schemaVersion]: "1" };
    const appended = await store.appendIn(
      client,
      [
        {
          stream: BASE_LEDGER_STREAM,
          expectedVersion: "any",
          events: [{ id: randomUUID(), type, schemaVersion: 1, payload }],
          outbox: [{ id: randomUUID(), subject, payload, headers }],
        },
      ],
      fence,
    );
    if (!appended.ok) throw new RefusalError(appended);
    await applyBaseEvent(client, event);
  }
}

/** The same request again gets the same answer; another under the same id is refused. */
async function repeat(
  client: PoolClient,
  known: { readonly contentHash: Uint8Array; readonly transferId: string; readonly requestId: string },
  contentHash: Uint8Array,
): Promise<Transfer> {
  const transfer = await readTransfer(client, known.transferId);
  if (transfer !== undefined && bytesEqual(known.contentHash, contentHash)) return transfer;
  throw new RefusalError(
    refuse("REQUEST_ID_REUSED", "the request id was used with another content", {
      requestId: known.requestId,
    }),
  );
}

/** Someone committed the same request between our look and our insert: look again. Else it is the intent that was used. */
async function describeTaken(client: PoolClient, requestId: string): Promise<ReturnType<typeof refuse>> {
  if ((await findRequest(client, requestId)) !== undefined)
    return refuse("CONCURRENT_CHANGE", "the same request is being handled", { requestId });
  return refuse("INTENT_REPLAYED", "the intent was used by another request", { requestId });
}

function hashContent(content: readonly string[]): Uint8Array {
  return sha256(encodeUtf8(JSON.stringify(content)));
}

function encodeEvent(
  event: BaseEvent,
  requestId: string,
): { type: string; payload: Uint8Array; subject: string } {
  const { transferId } = event.transfer;
  switch (event.type) {
    case "TransferCreated": {
      const payload = encodeTransferCreated(event.transfer, requestId);
      return { type: event.type, payload, subject: "mira.settlement.transfer.created.v1" };
    }
    case "TransferPosted": {
      const payload = TransferPosted.encode({ transferId, atMs: toU64(event.at) }).finish();
      return { type: event.type, payload, subject: "mira.settlement.transfer.posted.v1" };
    }
    case "TransferVoided": {
      const payload = TransferVoided.encode({
        transferId,
        reason: event.reason,
        atMs: toU64(event.at),
      }).finish();
      return { type: event.type, payload, subject: "mira.settlement.transfer.voided.v1" };
    }
    default:
      return unreachable(event);
  }
}

function toU64(at: UnixMs): bigint {
  return BigInt(at);
}
