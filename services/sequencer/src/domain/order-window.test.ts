import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeBase58 } from "@mira/primitives";
import fc from "fast-check";
import { BlockhashWindow } from "./blockhash-window.ts";
import { OrderWindow, type Candidate, type OrderLimits } from "./order-window.ts";
import { AS_SETTLED_BEFORE } from "./partition-inputs.ts";
import { Partitioner } from "./partitioner.ts";
import { PayerFunds } from "./payer-funds.ts";

const LIMITS: OrderLimits = {
  batchTransactionsMax: 8,
  batchBytesMax: 8_000,
  queuedMax: 64,
  speculationMax: 4,
  accountsMax: 10_000,
  accountBudgetUs: 1_000,
  retryAfterMs: 50,
};

function createWindow(limits: Partial<OrderLimits> = {}) {
  const funds = new PayerFunds({ trustMs: 1_000, brokeMs: 100, payersMax: 100 });
  const blockhashes = new BlockhashWindow((slot) => `slot ${slot}`);
  blockhashes.advance(1_000);
  const partitioner = new Partitioner({
    lanes: 4,
    limits: { transactionsMax: 256, bytesMax: 1_000_000 },
    costs: { partitionUs: 100, hopUs: 100 },
  });
  const window = new OrderWindow<number>({
    limits: { ...LIMITS, ...limits },
    funds,
    blockhashes,
    partitioner,
  });
  return { window, funds, blockhashes };
}

let messages = 0;
function createCandidate(writes: readonly string[], change: Partial<Candidate> = {}): Candidate {
  const id = `message ${++messages}`;
  return {
    locks: writes.map((name) => ({ key: key(name), writable: true })),
    payer: key(writes[0] ?? "payer"),
    feeLamports: 5_000,
    costUs: 100,
    program: undefined,
    bytes: 200,
    messageHash: id,
    signature: `signature of ${id}`,
    blockhashSlot: 1_000,
    tables: [],
    ...change,
  };
}

const key = (name: string) => name.padEnd(32, ".");
const print = (name: string) => encodeBase58(Buffer.from(key(name), "latin1"));

function sealAll(window: OrderWindow<number>): void {
  for (let taken = window.takeBatch(); taken !== undefined; taken = window.takeBatch())
    window.place(taken.batch);
}

test("the same message is admitted once, queued, sealed or settled", () => {
  const { window } = createWindow();
  const candidate = createCandidate(["a"]);
  assert.equal(window.admit(candidate, 0, 0), undefined);
  assert.equal(window.admit(candidate, 1, 0)?.code, "TRANSACTION_DUPLICATE");
  sealAll(window);
  assert.equal(window.admit(candidate, 1, 0)?.code, "TRANSACTION_DUPLICATE");
  window.settle(1);
  assert.equal(window.admit({ ...candidate, signature: "another" }, 1, 0)?.code, "TRANSACTION_DUPLICATE");
});

test("a blockhash that expired during the checks is refused", () => {
  const { window, blockhashes } = createWindow();
  blockhashes.advance(1_150);
  assert.equal(window.admit(createCandidate(["a"]), 0, 0)?.code, "BLOCKHASH_EXPIRED");
  assert.equal(window.admit(createCandidate(["a"], { blockhashSlot: 1_001 }), 0, 0), undefined);
});

test("past the speculation limit every transaction is refused until a batch is settled", () => {
  const { window } = createWindow();
  for (let batch = 0; batch < LIMITS.speculationMax; batch++) {
    assert.equal(window.admit(createCandidate([`a${batch}`]), 0, 0), undefined);
    sealAll(window);
  }
  const refusal = window.admit(createCandidate(["b"]), 0, 0);
  assert.equal(refusal?.code, "SPECULATION_LIMIT");
  assert.equal(refusal.details["retryAfterMs"], "50");
  window.settle(1);
  assert.equal(window.admit(createCandidate(["b"]), 0, 0), undefined);
});

test("a full queue and a full account window are refused with the limit", () => {
  const { window } = createWindow({ queuedMax: 2 });
  window.admit(createCandidate(["a"]), 0, 0);
  window.admit(createCandidate(["b"]), 0, 0);
  assert.equal(window.admit(createCandidate(["c"]), 0, 0)?.details["limit"], "2");
  const narrow = createWindow({ accountsMax: 3 }).window;
  narrow.admit(createCandidate(["a", "b", "c"]), 0, 0);
  assert.equal(narrow.admit(createCandidate(["d"]), 0, 0)?.code, "OVERLOADED");
});

test("a table that a queued or unsettled transaction writes decides nothing", () => {
  const { window } = createWindow();
  window.admit(createCandidate(["table"]), 0, 0);
  const user = () => createCandidate(["a"], { tables: [key("table")] });
  assert.equal(window.admit(user(), 0, 0)?.code, "LOOKUP_TABLE_UNSETTLED");
  sealAll(window);
  assert.equal(window.admit(user(), 0, 0)?.details["table"], print("table"));
  window.settle(1);
  assert.equal(window.admit(user(), 0, 0), undefined);
});

test("#12 agave 14274, #13 sui 16836: congestion names the account that caused it, not the bystander", () => {
  const { window } = createWindow();
  for (let index = 0; index < 10; index++)
    assert.equal(window.admit(createCandidate([`payer${index}`, "hot"]), 0, 0), undefined);
  const refusal = window.admit(createCandidate(["bystander", "hot"]), 0, 0);
  assert.equal(refusal?.code, "ACCOUNT_CONGESTED");
  assert.equal(refusal.details["account"], print("hot"));
  assert.equal(window.admit(createCandidate(["bystander"]), 0, 0), undefined);
  const readers = createCandidate(["reader"]);
  const withRead = { ...readers, locks: [...readers.locks, { key: key("hot"), writable: false }] };
  assert.equal(window.admit(withRead, 0, 0), undefined, "a read spends nothing of the account's budget");
  sealAll(window);
  window.settle(2);
  assert.equal(window.admit(createCandidate(["bystander", "hot"]), 0, 0), undefined);
});

test("a transaction heavier than the budget still gets its turn on an idle account", () => {
  const { window } = createWindow();
  assert.equal(window.admit(createCandidate(["a"], { costUs: 5_000 }), 0, 0), undefined);
  assert.equal(window.admit(createCandidate(["a"]), 0, 0)?.code, "ACCOUNT_CONGESTED");
});

test("#10 firedancer 9599: sixty-four writes on every transaction fill the window up to its limit and no further", () => {
  const { window } = createWindow({ accountsMax: 2_000, queuedMax: 1_000, batchBytesMax: 1_000_000 });
  let admitted = 0;
  for (let index = 0; index < 200; index++) {
    const names = Array.from({ length: 64 }, (_, lock) => `w${index}-${lock}`);
    if (window.admit(createCandidate(names, { bytes: 1_232 }), 0, 0) === undefined) admitted++;
  }
  assert.equal(admitted, 32);
  sealAll(window);
  window.settle(window.nextBatch);
  assert.equal(window.accounts.size, 0);
});

test("an unsettled writer gives the exact version; a settled one is whatever was settled", () => {
  const { window } = createWindow();
  window.startAt(7, 500);
  window.admit(createCandidate(["a", "b"]), 0, 0);
  sealAll(window);
  window.admit(createCandidate(["a", "c"]), 0, 0);
  const second = window.takeBatch();
  assert.ok(second);
  const { inputs, keys } = window.place(second.batch);
  assert.deepEqual(keys, [key("a"), key("c")]);
  assert.deepEqual([...inputs.versions], [501, AS_SETTLED_BEFORE]);
  window.settle(8);
  window.admit(createCandidate(["a", "b"]), 0, 0);
  const third = window.takeBatch();
  assert.ok(third);
  assert.deepEqual([...window.place(third.batch).inputs.versions], [502, AS_SETTLED_BEFORE]);
  window.settle(10);
  window.admit(createCandidate(["a"]), 0, 0);
  const fourth = window.takeBatch();
  assert.ok(fourth);
  assert.deepEqual([...window.place(fourth.batch).inputs.versions], [AS_SETTLED_BEFORE]);
});

test("programs are remembered while their transactions are unsettled", () => {
  const { window } = createWindow();
  window.admit(createCandidate(["a"]), 0, 0);
  window.admit(createCandidate(["b"], { program: "heavy" }), 0, 0);
  assert.equal(window.callsPrograms, false);
  sealAll(window);
  assert.equal(window.callsPrograms, true);
  assert.deepEqual(
    [0, 1, 2].map((sequence) => window.findProgram(0, sequence)),
    [undefined, "heavy", undefined],
  );
  window.settle(1);
  assert.equal(window.findProgram(0, 1), undefined);
});

test("sequence numbers and batch numbers are contiguous, and a batch stays within its limits", () => {
  const { window } = createWindow();
  for (let index = 0; index < 20; index++) window.admit(createCandidate([`x${index}`]), index, 0);
  const sizes: number[] = [];
  const items: number[] = [];
  for (let taken = window.takeBatch(); taken !== undefined; taken = window.takeBatch()) {
    sizes.push(taken.batch.count);
    items.push(...taken.items);
    window.place(taken.batch);
  }
  assert.deepEqual(sizes, [8, 8, 4]);
  assert.deepEqual(
    items,
    Array.from({ length: 20 }, (_, index) => index),
  );
  assert.equal(window.nextSequence, 20);
  assert.equal(window.nextBatch, 3);
});

/** Model: what each live transaction locks, as plain lists. */
type Step =
  | { readonly kind: "admit"; readonly names: number[]; readonly cost: number }
  | { readonly kind: "seal" | "settle" | "drop" };

test("#9 firedancer 1335: no interleaving of admitting, sealing, settling and dropping leaks or loses a lock or a reservation", () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("admit" as const),
        names: fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 4 }),
        cost: fc.integer({ min: 1, max: 400 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("seal" as const, "settle" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { window, funds } = createWindow({ batchTransactionsMax: 3 });
      funds.record(key("n0"), 1_000_000, 0);
      const queued: Candidate[] = [];
      const unsettled: Candidate[][] = [];
      for (const each of steps) {
        apply(each, window, queued, unsettled);
        const live = [...queued, ...unsettled.flat()];
        for (let name = 0; name <= 6; name++) {
          const expected = live.filter(({ locks }) => locks.some((lock) => lock.key === key(`n${name}`)));
          const pendingUs = expected.reduce((sum, { costUs }) => sum + costUs, 0);
          assert.equal(window.accounts.pendingUs(key(`n${name}`)), pendingUs);
          assert.equal(window.accounts.isBeingWritten(key(`n${name}`)), expected.length > 0);
        }
        const reserved = live.filter(({ payer }) => payer === key("n0")).length * 5_000;
        funds.record(key("n0"), 1_000_000, 0);
        assert.equal(funds.available(key("n0")), 1_000_000 - reserved);
      }
    }),
  );
});

function apply(step: Step, window: OrderWindow<number>, queued: Candidate[], unsettled: Candidate[][]): void {
  if (step.kind === "admit") {
    const candidate = createCandidate(
      step.names.map((name) => `n${name}`),
      { costUs: step.cost },
    );
    if (window.admit(candidate, 0, 0) === undefined) queued.push(candidate);
  } else if (step.kind === "seal") {
    const taken = window.takeBatch();
    if (taken === undefined) return;
    unsettled.push(queued.splice(0, taken.batch.count));
    window.place(taken.batch);
  } else if (step.kind === "settle") {
    if (unsettled.length > 0) assert.equal(window.settle(window.settledBatches + 1), 1);
    unsettled.shift();
  } else {
    window.dropQueue();
    queued.length = 0;
  }
}
