import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { BaseUnits, UnixMs } from "@mira/primitives";
import {
  applyChange,
  computeChanges,
  decide,
  EMPTY_ACCOUNT,
  evolveTransfer,
  ISSUANCE_ACCOUNT,
  type BaseAccount,
  type BaseCommand,
  type BaseEvent,
  type Transfer,
} from "./base-ledger.ts";

type Ledger = { readonly accounts: Map<string, BaseAccount>; readonly transfers: Transfer[] };

function createLedger(funds: Record<string, bigint> = {}): Ledger {
  const accounts = new Map([[ISSUANCE_ACCOUNT, EMPTY_ACCOUNT]]);
  for (const [name, posted] of Object.entries(funds)) {
    accounts.set(name, { ...EMPTY_ACCOUNT, posted });
    const issued = accounts.get(ISSUANCE_ACCOUNT) ?? EMPTY_ACCOUNT;
    accounts.set(ISSUANCE_ACCOUNT, { ...issued, posted: issued.posted - posted });
  }
  return { accounts, transfers: [] };
}

function create(fields: Partial<Extract<BaseCommand, { type: "create" }>> = {}): BaseCommand {
  return {
    type: "create",
    transferId: "t1",
    debit: "owner/a",
    credit: "owner/b",
    amount: 10n as BaseUnits,
    reason: "",
    at: 100 as UnixMs,
    expiresAt: undefined,
    ...fields,
  };
}

function apply(ledger: Ledger, event: BaseEvent): void {
  for (const change of computeChanges(event))
    ledger.accounts.set(
      change.account,
      applyChange(ledger.accounts.get(change.account) ?? EMPTY_ACCOUNT, change),
    );
  const after = evolveTransfer(event);
  const at = ledger.transfers.findIndex(({ transferId }) => transferId === after.transferId);
  if (at < 0) ledger.transfers.push(after);
  else ledger.transfers[at] = after;
}

function run(ledger: Ledger, command: BaseCommand, transfer?: Transfer): string {
  const decision = decide(command, { accounts: ledger.accounts, transfer });
  if (!decision.ok) return decision.code;
  for (const event of decision.events) apply(ledger, event);
  return "ok";
}

test("value moves at once", () => {
  const ledger = createLedger({ "owner/a": 10n });
  assert.equal(run(ledger, create()), "ok");
  assert.equal(ledger.accounts.get("owner/a")?.posted, 0n);
  assert.equal(ledger.accounts.get("owner/b")?.posted, 10n);
});

test("a pending transfer reserves, then posts once", () => {
  const ledger = createLedger({ "owner/a": 10n });
  run(ledger, create({ expiresAt: 200 as UnixMs }));
  assert.deepEqual(ledger.accounts.get("owner/a"), { posted: 10n, pendingOut: 10n, pendingIn: 0n });
  assert.equal(run(ledger, create({ transferId: "t2", amount: 1n as BaseUnits })), "BALANCE_INSUFFICIENT");
  assert.equal(run(ledger, { type: "post", at: 199 as UnixMs }, ledger.transfers[0]), "ok");
  assert.deepEqual(ledger.accounts.get("owner/b"), { posted: 10n, pendingOut: 0n, pendingIn: 0n });
  assert.equal(run(ledger, { type: "post", at: 199 as UnixMs }, ledger.transfers[0]), "TRANSFER_ENDED");
  assert.equal(
    run(ledger, { type: "void", at: 199 as UnixMs, reason: "" }, ledger.transfers[0]),
    "TRANSFER_ENDED",
  );
});

test("a pending transfer ends at its instant: not posted from then on, expired not before", () => {
  const ledger = createLedger({ "owner/a": 10n });
  run(ledger, create({ expiresAt: 200 as UnixMs }));
  assert.equal(run(ledger, { type: "expire", at: 199 as UnixMs }, ledger.transfers[0]), "TRANSFER_ENDED");
  assert.equal(run(ledger, { type: "post", at: 200 as UnixMs }, ledger.transfers[0]), "TRANSFER_ENDED");
  assert.equal(run(ledger, { type: "expire", at: 200 as UnixMs }, ledger.transfers[0]), "ok");
  assert.deepEqual(ledger.accounts.get("owner/a"), { posted: 10n, pendingOut: 0n, pendingIn: 0n });
});

test("refused: more than is there, nothing, less than nothing, to oneself, into the past, unknown transfer", () => {
  const ledger = createLedger({ "owner/a": 10n });
  assert.equal(run(ledger, create({ amount: 11n as BaseUnits })), "BALANCE_INSUFFICIENT");
  assert.equal(run(ledger, create({ amount: 0n as BaseUnits })), "REQUEST_INVALID");
  assert.equal(run(ledger, create({ amount: -1n as BaseUnits })), "REQUEST_INVALID");
  assert.equal(run(ledger, create({ credit: "owner/a" })), "REQUEST_INVALID");
  assert.equal(run(ledger, create({ expiresAt: 100 as UnixMs })), "REQUEST_INVALID");
  assert.equal(run(ledger, { type: "post", at: 1 as UnixMs }), "NOT_FOUND");
});

const step = fc.record({
  kind: fc.constantFrom("create", "pending", "post", "void", "expire"),
  debit: fc.integer({ min: 0, max: 3 }),
  credit: fc.integer({ min: 0, max: 3 }),
  amount: fc.bigInt({ min: 0n, max: 2n ** 70n }),
  transfer: fc.nat(),
  passes: fc.nat({ max: 50 }),
});

test("property: whatever is asked, nothing is created or destroyed, nobody overdraws, and reservations add up", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const ledger = createLedger({ "owner/0": 2n ** 71n, "owner/1": 5n });
      let at = 100;
      steps.forEach(({ kind, debit, credit, amount, transfer, passes }, index) => {
        at += passes;
        const chosen = ledger.transfers[transfer % Math.max(1, ledger.transfers.length)];
        if (kind === "create" || kind === "pending")
          run(
            ledger,
            create({
              transferId: `t${index}`,
              debit: `owner/${debit}`,
              credit: `owner/${credit}`,
              amount: amount as BaseUnits,
              at: at as UnixMs,
              expiresAt: kind === "pending" ? ((at + 60) as UnixMs) : undefined,
            }),
          );
        else if (kind === "void") run(ledger, { type: "void", at: at as UnixMs, reason: "" }, chosen);
        else run(ledger, { type: kind === "post" ? "post" : "expire", at: at as UnixMs }, chosen);
        assertSound(ledger);
      });
    }),
    { numRuns: 200 },
  );
});

function assertSound({ accounts, transfers }: Ledger): void {
  const pending = transfers
    .filter(({ state }) => state === "pending")
    .reduce((sum, { amount }) => sum + amount, 0n);
  let [posted, out, into] = [0n, 0n, 0n];
  for (const [name, account] of accounts) {
    posted += account.posted;
    out += account.pendingOut;
    into += account.pendingIn;
    if (name !== ISSUANCE_ACCOUNT)
      assert.ok(account.posted >= account.pendingOut && account.pendingOut >= 0n, name);
  }
  assert.deepEqual([posted, out, into], [0n, pending, pending]);
}
