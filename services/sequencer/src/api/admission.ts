/** From submitted bytes to a durable place in the order: cheap checks, signatures, funds, sessions, the queue, the commit. */
import { decodeKey, encodeHex, refuse, RefusalError, type Refusal } from "@mira/primitives";
import type { VerifierPool } from "@mira/runtime/signatures";
import { accountKey, accountKeyBytes, type TransactionRecord } from "@mira/runtime/wire";
import { context } from "@opentelemetry/api";
import type { BlockhashWindow } from "../domain/blockhash-window.ts";
import type { ExecutionCosts } from "../domain/execution-cost.ts";
import type { Candidate, OrderWindow } from "../domain/order-window.ts";
import type { PayerFunds } from "../domain/payer-funds.ts";
import type { Admitted, Clock, Logger, Sessions, Ticket } from "../ports.ts";
import type { AccountReader } from "./account-reader.ts";
import { refuseUnsettled, resolveLookups, type LookupTables } from "./lookup-tables.ts";
import { prepareTransaction, setAccounts, type Prepared, type RuntimeRules } from "./prepare.ts";
import { listDeployments, PROGRAMS_MAX, type ProgramDirectory } from "./programs.ts";
import { checkSession, type SessionCache } from "./session-cache.ts";
import { describeUse } from "./session-use.ts";
import { Submission, type Entry } from "./submission.ts";

/** A call may carry as many transactions as a batch. */
export const TRANSACTIONS_PER_CALL_MAX = 1_024;
const HASH_BYTES = 32;

export type AdmissionDependencies = {
  readonly window: OrderWindow<Admitted>;
  readonly blockhashes: BlockhashWindow;
  readonly funds: PayerFunds;
  readonly costs: ExecutionCosts;
  readonly programs: ProgramDirectory;
  readonly tables: LookupTables;
  readonly accounts: AccountReader;
  readonly sessionCache: SessionCache;
  readonly sessions: Sessions;
  readonly verifier: Pick<VerifierPool, "verify">;
  readonly runtime: RuntimeRules;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when transactions begin and end their way through admission. */
  readonly arriving: (change: number) => void;
  /** Lets the slot move on with the clock. */
  readonly tick: () => void;
  /** Not the leader any more, or stopping. */
  readonly findClosed: () => Refusal | undefined;
};

export type SubmitOutcome = {
  /** By place in the request; -1 where refused. */
  readonly sequences: Float64Array;
  readonly refusals: ReadonlyMap<number, Refusal>;
  readonly sequencedAt: number;
};

export class Admission {
  readonly #deps: AdmissionDependencies;

  constructor(dependencies: AdmissionDependencies) {
    this.#deps = dependencies;
  }

  /** Resolves when everything that was admitted is durable. Rejects when that cannot be known: submitting again is safe. */
  async submit(
    transactions: readonly Uint8Array[],
    sessionIds: ReadonlyMap<number, string>,
  ): Promise<SubmitOutcome> {
    const submission = new Submission(transactions.length);
    const ticket = createTicket(transactions.length);
    this.#deps.arriving(transactions.length);
    try {
      this.#prepare(submission, transactions, sessionIds);
      await this.#check(submission);
      this.#admit(submission, ticket);
    } finally {
      this.#deps.arriving(-transactions.length);
    }
    const sequencedAt = ticket.remaining === 0 ? 0 : await ticket.promise;
    return { sequences: ticket.sequences, refusals: submission.refusals, sequencedAt };
  }

  #prepare(
    submission: Submission,
    transactions: readonly Uint8Array[],
    sessionIds: ReadonlyMap<number, string>,
  ): void {
    const { blockhashes, window, runtime, findClosed } = this.#deps;
    this.#deps.tick();
    const closed = findClosed() ?? window.findBackPressure();
    const rules = { blockhashes, duplicates: window.duplicates, runtime };
    for (const [index, wire] of transactions.entries()) {
      const prepared = closed ?? prepareTransaction(wire, rules);
      if (prepared.ok) submission.add(index, prepared.value, sessionIds.get(index) ?? "");
      else submission.refusals.set(index, prepared);
    }
  }

  async #check(submission: Submission): Promise<void> {
    if (submission.entries.some(({ sessionId }) => sessionId !== "")) await this.#loadSessions(submission);
    await this.#verify(submission);
    await this.#loadAccounts(submission);
    this.#checkFunds(submission);
    if (submission.entries.some(({ session }) => session !== undefined))
      await this.#reserveBudgets(submission);
  }

  async #reserveBudgets(submission: Submission): Promise<void> {
    try {
      await submission.filterAsync((entry) => this.#reserveBudget(entry));
    } catch (error) {
      for (const entry of submission.entries)
        if (entry.isBudgetReserved) this.#release(entry, "SUBMISSION_FAILED");
      throw error;
    }
  }

  async #loadSessions(submission: Submission): Promise<void> {
    const { sessionCache, clock } = this.#deps;
    await submission.filterAsync(async (entry) => {
      if (entry.sessionId === "") return undefined;
      const loaded = await sessionCache.load(entry.sessionId, clock.now());
      if (!loaded.ok) return loaded;
      entry.session = loaded.value;
      return checkSession(loaded.value, entry.prepared.payer, clock.now());
    });
  }

  async #verify(submission: Submission): Promise<void> {
    if (submission.entries.length === 0) return;
    const verdicts = await this.#deps.verifier.verify(
      submission.entries.map(({ prepared, session }) => ({ wire: prepared.wire, sessionKey: session?.key })),
    );
    if (!verdicts.ok) {
      submission.refuseAll(verdicts);
      return;
    }
    const { valid, hashes } = verdicts.value;
    submission.filter((entry, at) => {
      entry.messageHash = hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
      if (valid[at] === 1) return undefined;
      return entry.session === undefined
        ? refuse("SIGNATURE_INVALID", "A signature does not verify under the network's rule.")
        : refuse("SESSION_KEY_MISMATCH", "The owner's signature slot is not signed by the session's key.", {
            sessionId: entry.sessionId,
          });
    });
  }

  /** Reads what is not known yet: balances and lookup tables. All of one call at once; nothing when all is warm. */
  async #loadAccounts(submission: Submission): Promise<void> {
    const reads = new Map<string, Promise<void>>();
    const now = this.#deps.clock.now();
    for (const { prepared } of submission.entries)
      if (this.#checkPayer(prepared, now) === "unknown" && !reads.has(prepared.payer))
        reads.set(prepared.payer, this.#loadPayer(prepared.payer));
    if (reads.size > 0) await this.#awaitReads(submission, reads.values());
    if (submission.entries.some(({ prepared }) => prepared.tables.length > 0))
      await submission.filterAsync((entry) => this.#resolveTables(entry));
  }

  async #awaitReads(submission: Submission, reads: Iterable<Promise<void>>): Promise<void> {
    try {
      await Promise.all(reads);
    } catch (error) {
      if (!(error instanceof RefusalError)) throw error;
      submission.refuseAll(error.refusal);
    }
  }

  async #loadPayer(key: string): Promise<void> {
    const { account } = await this.#deps.accounts.read(key);
    // The SVM takes fees from accounts of the System program only.
    const isWallet = account.exists && account.owner.every((byte) => byte === 0);
    this.#deps.funds.record(key, isWallet ? Number(account.lamports) : 0, this.#deps.clock.now());
  }

  async #resolveTables(entry: Entry): Promise<Refusal | undefined> {
    const { prepared } = entry;
    if (prepared.tables.length === 0) return undefined;
    const loaded = await Promise.all(prepared.tables.map((key) => this.#deps.tables.load(key)));
    const tables = [];
    for (const table of loaded) {
      if (!table.ok) return table;
      tables.push(table.value);
    }
    entry.tables = tables;
    const slot = this.#deps.blockhashes.newestSlot;
    const addresses = resolveLookups(prepared.decoded, prepared.wire, tables, slot);
    return addresses.ok ? setAccounts(prepared, this.#deps.runtime, addresses.value) : addresses;
  }

  #checkPayer({ payer, fee }: Prepared, now: number): ReturnType<PayerFunds["check"]> {
    return this.#deps.funds.check(payer, Number(fee), now);
  }

  #checkFunds(submission: Submission): void {
    const { funds } = this.#deps;
    submission.filter(({ prepared }) => {
      // By amount, not by age: a balance read a moment ago may have grown too old to be trusted by the next call.
      if (funds.available(prepared.payer) >= Number(prepared.fee)) return undefined;
      return refuse("FEE_PAYER_UNFUNDED", "The fee payer cannot pay the fee beside what it has pending.", {
        needed: prepared.fee,
        available: funds.available(prepared.payer),
      });
    });
  }

  async #reserveBudget(entry: Entry): Promise<Refusal | undefined> {
    const { prepared, session } = entry;
    if (session === undefined) return undefined;
    const reserved = await this.#deps.sessions.reserveBudget({
      sessionId: entry.sessionId,
      messageHash: entry.messageHash,
      ...describeUse(prepared),
    });
    if (!reserved.ok) return reserved;
    entry.isBudgetReserved = true;
    return undefined;
  }

  /** No waiting from here to the queue: what is checked here still holds when the transaction is in it. */
  #admit(submission: Submission, ticket: OpenTicket): void {
    const { clock, findClosed } = this.#deps;
    const now = clock.now();
    const closed = findClosed();
    submission.filter((entry) => {
      const refusal = closed ?? this.#findStaleTable(entry) ?? this.#checkFundsOf(entry, now);
      if (refusal !== undefined) return this.#giveUp(entry, refusal);
      const refused = this.#queue(entry, ticket, now);
      if (refused !== undefined) return this.#giveUp(entry, refused);
      ticket.remaining++;
      return undefined;
    });
  }

  #queue(entry: Entry, ticket: OpenTicket, now: number): Refusal | undefined {
    const { window, programs } = this.#deps;
    const { decoded, wire, accounts = [] } = entry.prepared;
    const deploys = listDeployments(decoded, wire, accounts);
    if (deploys.length > 0 && programs.size >= PROGRAMS_MAX)
      return refuse("OVERLOADED", "There are too many programs.", { what: "programs", limit: PROGRAMS_MAX });
    const implicit = listImplicitReads(entry.prepared, programs);
    const item = { record: createRecord(entry, implicit), deploys, ticket, index: entry.index };
    const refused = window.admit(this.#createCandidate(entry, implicit), item, now);
    if (refused === undefined) for (const program of deploys) programs.learn(program);
    return refused;
  }

  #findStaleTable({ prepared, tables }: Entry): Refusal | undefined {
    for (const [at, key] of prepared.tables.entries()) {
      const table = tables[at];
      if (table === undefined || !this.#deps.tables.isCurrent(key, table)) return refuseUnsettled(key);
    }
    return undefined;
  }

  /** Once more: other transactions of the same payer were admitted meanwhile, some of them in this very call. */
  #checkFundsOf({ prepared }: Entry, now: number): Refusal | undefined {
    if (this.#checkPayer(prepared, now) !== "unfunded") return undefined;
    return refuse("FEE_PAYER_UNFUNDED", "The fee payer cannot pay the fee beside what it has pending.", {
      needed: prepared.fee,
      available: this.#deps.funds.available(prepared.payer),
    });
  }

  #createCandidate({ prepared, messageHash }: Entry, implicit: readonly string[]): Candidate {
    const named = prepared.accounts ?? [];
    const locks =
      implicit.length === 0 ? named : [...named, ...implicit.map((key) => ({ key, writable: false }))];
    const program = this.#findWeighedProgram(prepared);
    return {
      locks,
      payer: prepared.payer,
      feeLamports: Number(prepared.fee),
      costUs: this.#deps.costs.estimateUs(prepared.unitLimit, program),
      program,
      bytes: prepared.wire.length,
      messageHash: accountKey(messageHash),
      signature: prepared.signature,
      blockhashSlot: prepared.blockhashSlot,
      tables: prepared.tables,
    };
  }

  /** The one user program that decides how long the transaction runs, if there is exactly one. */
  #findWeighedProgram({ programs }: Prepared): string | undefined {
    const own = programs.filter((program) => this.#deps.programs.findProgramdata(program) !== undefined);
    return own.length === 1 ? own[0] : undefined;
  }

  #giveUp(entry: Entry, refusal: Refusal): Refusal {
    // The duplicate's own first submission holds this reservation, under the same message hash.
    if (entry.isBudgetReserved && refusal.code !== "TRANSACTION_DUPLICATE")
      this.#release(entry, refusal.code);
    return refusal;
  }

  #release({ sessionId, messageHash }: Entry, reason: string): void {
    this.#deps.sessions
      .releaseBudget({ sessionId, messageHash, reason })
      .catch((error: unknown) =>
        this.#deps.logger.warn(
          { error, sessionId, messageHash: encodeHex(messageHash) },
          "a reservation was not released; it ends with the session",
        ),
      );
  }
}

function createRecord({ prepared, session }: Entry, implicit: readonly string[]): TransactionRecord {
  return {
    wire: prepared.wire,
    ...(prepared.loaded === undefined ? {} : { loaded: prepared.loaded }),
    ...(implicit.length === 0 ? {} : { implicitReads: implicit.map(accountKeyBytes) }),
    ...(session === undefined
      ? {}
      : { session: { id: decodeKey(session.id) ?? new Uint8Array(HASH_BYTES), key: session.key } }),
  };
}

/** Lookup tables and the code of programs, unless the message names them itself. */
function listImplicitReads({ tables, accounts = [] }: Prepared, programs: ProgramDirectory): string[] {
  const reads = programs.listCodeOf(accounts);
  for (const table of tables)
    if (!reads.includes(table) && !accounts.some(({ key }) => key === table)) reads.push(table);
  return reads;
}

type OpenTicket = Ticket & { readonly promise: Promise<number> };

function createTicket(count: number): OpenTicket {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  return {
    sequences: new Float64Array(count).fill(-1),
    remaining: 0,
    context: context.active(),
    promise,
    sequenced: resolve,
    failed: reject,
  };
}
