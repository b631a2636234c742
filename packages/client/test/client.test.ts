/** The parts that need no proof: session signatures, network files, and calls that are refused, late or given up. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { refusalToStatus, settlement, types } from "@mira/api";
import {
  createKeyPair,
  refuse,
  RefusalError,
  unwrap,
  verifyIntent,
  parseUnixMs,
  verifySignature,
} from "@mira/primitives";
import {
  callStream,
  callUnary,
  CallError,
  connectMira,
  parseNetwork,
  readNetworkFile,
  signSessionRevocation,
  signValidatorHello,
  signWithSession,
  type MiraClient,
} from "@mira/client";

const SERVICE = settlement.SettlementServiceService;
const server = new Server();
let client: MiraClient;

type Call<Request> = ServerUnaryCall<Request, unknown>;
type Answer = sendUnaryData<unknown>;

before(async () => {
  server.addService(SERVICE, {
    getStatus: (_call: Call<unknown>, answer: Answer) =>
      answer(null, settlement.GetStatusResponse.fromPartial({ settledBatches: 7n })),
    getReceipt: (_call: Call<unknown>, answer: Answer) =>
      answer(refusalToStatus(refuse("NOT_FOUND", "no such receipt", { sequence: 9 }))),
    getCheckpoint: () => undefined,
    getAccounts: (_call: Call<unknown>, answer: Answer) =>
      answer({ code: status.INTERNAL, details: "a bug" }),
    waitForCommitment: (_call: Call<unknown>, answer: Answer) =>
      answer(null, {
        receipt: types.Receipt.fromPartial({
          sequenceNumber: 9n,
          stage: types.Stage.SETTLED,
          times: { settledMs: 5n },
        }),
      }),
    watchProgress: (stream: {
      emit: (name: string, error: unknown) => void;
      write: (message: unknown) => void;
      metadata: unknown;
    }) => {
      stream.write(settlement.WatchProgressResponse.fromPartial({ settledBatches: 1n }));
      stream.emit("error", refusalToStatus(refuse("OVERLOADED", "too many streams")));
    },
    streamSnapshot: (stream: { write: (message: unknown) => void }) =>
      stream.write(settlement.StreamSnapshotResponse.fromPartial({})),
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const target = `127.0.0.1:${port}`;
  // Nobody listens on port 1.
  const endpoints = {
    sequencer: "127.0.0.1:1",
    settlement: target,
    verifier: target,
    staking: target,
    sessions: target,
  };
  client = connectMira({ networkId: "mira-test", logVerifierKey: "key", certificateKey: "key", endpoints });
});
after(() => {
  client.close();
  server.forceShutdown();
});

test("an answer is a value, and so is a refusal, with its code and details", async () => {
  const { settlement: channel } = client.channels;
  assert.equal(unwrap(await callUnary(channel, SERVICE.getStatus, {})).settledBatches, 7n);
  const refused = await client.ledger.getReceipt(9 as Parameters<typeof client.ledger.getReceipt>[0]);
  assert.deepEqual(refused, {
    ok: false,
    code: "NOT_FOUND",
    message: "no such receipt",
    details: { sequence: "9" },
  });
  const receipt = unwrap(
    await client.ledger.waitForCommitment(
      9 as Parameters<typeof client.ledger.waitForCommitment>[0],
      "confirmed",
    ),
  );
  assert.deepEqual([receipt.stage, receipt.times, receipt.sessionId], ["settled", { settled: 5 }, undefined]);
});

const failures: readonly (readonly [string, () => Promise<unknown>, string])[] = [
  [
    "a deadline that passes",
    () => callUnary(client.channels.settlement, SERVICE.getCheckpoint, {}, { deadlineMs: 60 }),
    "DEADLINE_EXCEEDED",
  ],
  [
    "a signal that aborts",
    () =>
      callUnary(client.channels.settlement, SERVICE.getCheckpoint, {}, { signal: AbortSignal.timeout(40) }),
    "CANCELLED",
  ],
  [
    "a signal that had aborted before",
    () => callUnary(client.channels.settlement, SERVICE.getCheckpoint, {}, { signal: AbortSignal.abort() }),
    "CANCELLED",
  ],
  ["nobody there", () => client.ledger.getLatestBlockhash({ deadlineMs: 2_000 }), "UNAVAILABLE"],
  ["a bug on the other side", () => client.ledger.getAccounts([]), "INTERNAL"],
];
for (const [name, ask, status] of failures)
  test(`thrown, not answered: ${name}`, async () => {
    await assert.rejects(
      ask,
      (error) => error instanceof CallError && error.status === status && error.cause instanceof Error,
    );
  });

test("a stream gives what came, then throws the refusal it was", async () => {
  const seen: bigint[] = [];
  await assert.rejects(
    async () => {
      for await (const { settledBatches } of client.ledger.watchProgress()) seen.push(settledBatches);
    },
    (error) => error instanceof RefusalError && error.refusal.code === "OVERLOADED",
  );
  assert.deepEqual(seen, [1n]);
});

test("a stream whose signal aborts ends without an error, before or after its first message", async () => {
  for (const signal of [AbortSignal.abort(), AbortSignal.timeout(150)])
    for await (const message of callStream(
      client.channels.settlement,
      SERVICE.streamSnapshot,
      settlement.StreamSnapshotRequest.fromPartial({}),
      { signal },
    ))
      assert.ok(message);
});

test("a session key's signature goes into the owner's slot, over the message as it is", () => {
  const key = createKeyPair(new Uint8Array(32).fill(1));
  const message = Buffer.from("a compiled message");
  const wire = Buffer.concat([Uint8Array.of(1), new Uint8Array(64), message]);
  const signed = unwrap(signWithSession(wire, key));
  assert.ok(verifySignature(key.publicKey, message, signed.subarray(1, 65)));
  assert.deepEqual(Buffer.from(signed.subarray(65)), message);
  assert.deepEqual(wire.subarray(1, 65), Buffer.alloc(64), "the caller's bytes stay");
  for (const wrong of [new Uint8Array(), Uint8Array.of(2, ...wire.subarray(1)), wire.subarray(0, 65)]) {
    const refused = signWithSession(wrong, key);
    assert.equal(refused.ok ? "signed" : refused.code, "SESSION_ACTION_DENIED");
  }
});

test("intents name their purpose and network, and end within two minutes", () => {
  const key = createKeyPair(new Uint8Array(32).fill(1));
  const revocation = signSessionRevocation("mira-test", key, "s1");
  const expected = {
    networkId: "mira-test",
    purpose: "session.revoke",
    now: parseUnixMs(Date.now()),
  } as const;
  assert.ok(verifyIntent(revocation, expected).ok);
  assert.equal(verifyIntent(revocation, { ...expected, networkId: "mira-other" }).ok, false);
  assert.equal(verifyIntent(signValidatorHello("mira-test", key, "v"), expected).ok, false);
  assert.equal(verifyIntent(revocation, { ...expected, now: parseUnixMs(Date.now() + 120_001) }).ok, false);
});

const network = {
  networkId: "mira-test",
  logVerifierKey: "key",
  certificateKey: "key",
  endpoints: { sequencer: "a:1", settlement: "b:1", verifier: "c:1", staking: "d:1", sessions: "e:1" },
};

test("a network file is whole, or refused with what it needs", () => {
  assert.deepEqual(unwrap(parseNetwork(JSON.stringify({ ...network, more: 1 }))), network);
  const without = (name: string) =>
    JSON.stringify({ ...network, endpoints: { ...network.endpoints, [name]: "" } });
  for (const text of [
    "",
    "not json",
    "null",
    "[]",
    "7",
    JSON.stringify({ ...network, networkId: 3 }),
    JSON.stringify({ ...network, logVerifierKey: "" }),
    JSON.stringify({ ...network, certificateKey: undefined }),
    JSON.stringify({ ...network, endpoints: null }),
    ...Object.keys(network.endpoints).map(without),
  ]) {
    const parsed = parseNetwork(text, "somewhere");
    assert.ok(!parsed.ok, text);
    assert.equal(parsed.code, "REQUEST_INVALID");
    assert.match(parsed.details["needed"] ?? "", /networkId, logVerifierKey, certificateKey/);
  }
  const missing = readNetworkFile("/nowhere/network.json");
  assert.equal(missing.ok ? "read" : missing.code, "NOT_FOUND");
});
