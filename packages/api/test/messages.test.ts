/** The generated code is what the rest of Mira counts on: bigint longs, bytes as Uint8Array, oneofs as unions, no enums. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { refuse, REFUSAL_CODES } from "@mira/primitives";
import {
  descriptorsPath,
  messageToRefusal,
  refusalToMessage,
  sequencer,
  settlement,
  types,
} from "../src/index.ts";

test("u64 keeps every bit", () => {
  const sequenceNumbers = [0n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];
  const bytes = sequencer.SubmitTransactionsResponse.encode({ sequenceNumbers, refusals: [] }).finish();
  assert.deepEqual(sequencer.SubmitTransactionsResponse.decode(bytes).sequenceNumbers, sequenceNumbers);
});

test("bytes decode to views of the message, without a copy", () => {
  const request = { transactions: [Uint8Array.of(1, 2, 3), Uint8Array.of(4)], sessions: [] };
  const bytes = sequencer.SubmitTransactionsRequest.encode(request).finish();
  const decoded = sequencer.SubmitTransactionsRequest.decode(bytes);
  assert.deepEqual(
    decoded.transactions.map((transaction) => [...transaction]),
    [[1, 2, 3], [4]],
  );
  assert.equal(decoded.transactions[0]?.buffer, bytes.buffer);
});

test("a oneof is a union told apart by $case", () => {
  const by = { $case: "sequenceNumber", value: 7n } as const;
  const bytes = settlement.GetReceiptRequest.encode(
    settlement.GetReceiptRequest.fromPartial({ by }),
  ).finish();
  assert.deepEqual(settlement.GetReceiptRequest.decode(bytes).by, by);
});

test("enum values lose the prefix", () => {
  assert.equal(types.Stage.FINALIZED, 4);
});

test("refusals inside an answer come back as they were, unknown codes as none", () => {
  for (const code of Object.keys(REFUSAL_CODES) as (keyof typeof REFUSAL_CODES)[]) {
    const refusal = refuse(code, "no", { needed: 1 });
    assert.deepEqual(messageToRefusal(refusalToMessage(refusal)), refusal);
  }
  assert.equal(messageToRefusal({ code: "NEWER", message: "", details: {} }), undefined);
});

test("the descriptor set is committed beside the code", () => {
  assert.ok(readFileSync(descriptorsPath).includes("mira.sequencer.v1"));
});
