/** Every event by which sessions change authority has an entry in the audit log that says whose and how. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { AuthorityAdvanced, SessionAmended, SessionGranted } from "@mira/api/gen/mira/events/v1/events.ts";
import { encodeBase58, encodeHex, sha256 } from "@mira/primitives";
import { SESSION_READERS } from "./session-entries.ts";

const key = new Uint8Array(32).fill(7);
const intent = { intent: Uint8Array.of(1, 2), publicKey: key, signature: new Uint8Array(64) };
const digest = encodeHex(sha256(intent.intent));

test("a grant that was passed on names what it comes from, its epoch and what was signed", () => {
  const granted = SessionGranted.fromPartial({
    sessionId: "s2",
    owner: key,
    parentId: "s1",
    epoch: 3n,
    atMs: 5n,
    intent,
  });
  const entry = SESSION_READERS["SessionGranted"]?.(SessionGranted.encode(granted).finish());
  assert.equal(entry?.subject, "s2");
  const fields = new Map(entry.fields);
  assert.deepEqual(
    ["owner", "parent", "epoch", "intent sha256"].map((name) => fields.get(name)),
    [encodeBase58(key), "s1", "3", digest],
  );
});

test("an amendment and the end of an epoch are logged, each under what it is about", () => {
  const amended = SessionAmended.encode({ sessionId: "s2", by: key, atMs: 5n, intent }).finish();
  assert.deepEqual(SESSION_READERS["SessionAmended"]?.(amended), {
    kind: "session.amended",
    subject: "s2",
    atMs: 5n,
    fields: [
      ["by", encodeBase58(key)],
      ["intent sha256", digest],
    ],
  });
  const advanced = AuthorityAdvanced.encode({ owner: key, epoch: 4n, atMs: 6n, intent }).finish();
  assert.deepEqual(SESSION_READERS["AuthorityAdvanced"]?.(advanced), {
    kind: "authority.advanced",
    subject: `authority/${encodeBase58(key)}`,
    atMs: 6n,
    fields: [["epoch", "4"]],
  });
});
