/** Every refusal code crosses a real gRPC call and comes back as the same refusal. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { credentials, Metadata, Server, ServerCredentials, status, type ServiceError } from "@grpc/grpc-js";
import { REFUSAL_CODES, refuse, type Refusal, type RefusalCode } from "@mira/primitives";
import { readStatusDetails, refusalToStatus, sequencer, statusToRefusal } from "../src/index.ts";

const server = new Server();
let client: InstanceType<typeof sequencer.SequencerServiceClient>;
let answer: Refusal;

before(async () => {
  const submitTransaction = (_call: unknown, callback: (error: object) => void) =>
    callback(refusalToStatus(answer));
  server.addService(sequencer.SequencerServiceService, { submitTransaction });
  const bind = promisify(server.bindAsync.bind(server));
  const port = await bind("127.0.0.1:0", ServerCredentials.createInsecure());
  client = new sequencer.SequencerServiceClient(`127.0.0.1:${port}`, credentials.createInsecure());
});

after(() => {
  client.close();
  server.forceShutdown();
});

async function submit(): Promise<ServiceError> {
  const { promise, resolve, reject } = Promise.withResolvers<ServiceError>();
  client.submitTransaction({ transaction: new Uint8Array(1), sessionId: "" }, (error) =>
    error === null ? reject(new Error("the call succeeded")) : resolve(error),
  );
  return promise;
}

const codes = Object.keys(REFUSAL_CODES) as RefusalCode[];

test("every code of the registry comes back as the same refusal, with its canonical status", async () => {
  for (const code of codes) {
    answer = refuse(code, `“${code}”: 50% of what was needed`, { needed: 7n, wasThere: "né" });
    const error = await submit();
    assert.equal(error.code, status[REFUSAL_CODES[code].status]);
    assert.deepEqual(statusToRefusal(error), answer);
  }
});

test("a refusal that says retryAfterMs carries RetryInfo", async () => {
  answer = refuse("OVERLOADED", "the queue is full", { retryAfterMs: 1250 });
  const error = await submit();
  assert.equal(readStatusDetails(error)?.retryAfterMs, 1250);
  assert.deepEqual(statusToRefusal(error), answer);
});

test("retryAfterMs that is no duration makes no RetryInfo", () => {
  for (const retryAfterMs of ["soon", "-1", "1e99", "NaN"]) {
    const refused = refusalToStatus(refuse("OVERLOADED", "full", { retryAfterMs }));
    assert.equal(readStatusDetails(refused)?.retryAfterMs, undefined, retryAfterMs);
  }
});

test("keys that AIP-193 forbids are rewritten, never sent", () => {
  const refused = refusalToStatus(refuse("REQUEST_INVALID", "no", { "Über Größe": "1", n: "2", okKey: "3" }));
  assert.deepEqual(statusToRefusal({ ...refused })?.details, { x__ber_Gr__e: "1", x_n: "2", okKey: "3" });
});

test("a refusal larger than a trailer may be is cut, and still arrives", async () => {
  const details = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`key${at}`, "v".repeat(600)]));
  answer = refuse("REQUEST_INVALID", "m".repeat(5000), details);
  const received = statusToRefusal(await submit());
  assert.equal(received?.code, "REQUEST_INVALID");
  assert.equal(received.message.length, 512);
  assert.equal(received.details["key0"]?.length, 512);
});

test("a message cut within a surrogate pair does not break the call", async () => {
  answer = refuse("REQUEST_INVALID", "m".repeat(511) + "😀");
  assert.equal(statusToRefusal(await submit())?.code, "REQUEST_INVALID");
});

test("what is not a refusal of ours decodes to none", () => {
  const foreign = (metadata: Metadata) => statusToRefusal({ code: status.INTERNAL, details: "", metadata });
  assert.equal(foreign(new Metadata()), undefined);
  const garbage = new Metadata();
  garbage.set("grpc-status-details-bin", Buffer.from([0xff, 0x01, 0x07]));
  assert.equal(foreign(garbage), undefined);
});

test("a code that this registry lacks decodes to none: the caller sees an error, not another code", () => {
  const refused = refusalToStatus(refuse("NOT_FOUND", "no"));
  const bytes = Buffer.from(refused.metadata.get("grpc-status-details-bin")[0] ?? "");
  refused.metadata.set(
    "grpc-status-details-bin",
    Buffer.from(bytes.toString("latin1").replace("NOT_FOUND", "NOT_FOUNT"), "latin1"),
  );
  assert.equal(statusToRefusal(refused), undefined);
  assert.equal(readStatusDetails(refused)?.errorInfo?.reason, "NOT_FOUNT");
});
