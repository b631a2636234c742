/** VerifyResponse as a stream: each step once and in order, resumable, nothing shown early; quotas say when to come back. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import type { verifier } from "@mira/api";
import { call, stream } from "@mira/chassis";
import { unwrap } from "@mira/primitives";
import { eventually, useTestDatabase, type TestDatabase } from "@mira/testing";
import {
  ANY_POLICY,
  attest,
  codeOf,
  open,
  openFor,
  openVerifier,
  RESPONSE,
  VALIDATORS,
  type Verifier,
} from "./verifier.fixture.ts";

let database: TestDatabase;
before(async () => {
  database = await useTestDatabase();
});
after(() => database.close());

type Step = verifier.VerifyResponseResponse;
const request = (requestId: string, cursor = 0n): verifier.VerifyResponseRequest => ({
  ...ANY_POLICY,
  requestId,
  response: RESPONSE,
  sources: [],
  cursor,
});

/** Reads the stream into a list that grows. */
function follow({ client }: Verifier, requestId: string, cursor = 0n) {
  const seen: Step[] = [];
  const reading = (async () => {
    for await (const step of stream(client, "verifyResponse", request(requestId, cursor))) seen.push(step);
  })();
  return { seen, reading };
}
const kinds = (seen: readonly Step[]): string[] => seen.map(({ step }) => step?.$case ?? "none");

test("every step once and in order, attestations counted and not shown, and the same from a cursor on", async () => {
  await using service = await openVerifier(database.url);
  const { seen, reading } = follow(service, "steps");
  await eventually(() => assert.deepEqual(kinds(seen), ["claimsFound", "committeeDrawn"]));
  const verificationId = seen[0]?.verificationId ?? "";
  const all = await Promise.all(VALIDATORS.map((validator) => attest(service, validator, verificationId)));
  for (const [at, { commit }] of all.entries()) {
    unwrap(await call(service.client, "commitAttestations", commit));
    await eventually(() => assert.equal(kinds(seen).length, 3 + at));
  }
  const hidden = JSON.stringify(seen, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  for (const { reveal } of all)
    for (const { attestation } of reveal.reveals)
      assert.ok(!hidden.includes(Buffer.from(attestation).toString("base64")));
  assert.ok(!kinds(seen).includes("verdicts"));
  for (const { reveal } of all) unwrap(await call(service.client, "revealAttestations", reveal));
  await eventually(() => assert.equal(kinds(seen).length, 8));
  service.clock.advance(60_000);
  await service.sweep();
  await reading;
  assert.deepEqual(kinds(seen), [
    "claimsFound",
    "committeeDrawn",
    ...Array.from({ length: 6 }, () => "attestations"),
    "verdicts",
    "certificate",
  ]);
  const cursors = seen.map(({ cursor }) => cursor);
  assert.deepEqual(
    cursors,
    [...cursors].sort((one, other) => (one < other ? -1 : 1)),
  );
  assert.equal(new Set(cursors).size, cursors.length);
  const last = seen.at(-1)?.step;
  assert.ok(last?.$case === "certificate");
  assert.equal(last.value.costUnits, String(6n * 1_000_000n), "two claims, three validators");
  for (const at of [0, 3, 8]) {
    const again = follow(service, "steps", cursors[at]);
    await again.reading;
    assert.deepEqual(again.seen, seen.slice(at + 1));
  }
});

test("a stream that breaks leaves the verification as it is: it goes on, and the same request finds it", async () => {
  await using service = await openVerifier(database.url);
  const first = unwrap(await open(service, RESPONSE, "broken"));
  const second = unwrap(await open(service, RESPONSE, "broken"));
  assert.equal(second.verificationId, first.verificationId);
});

test("an estimate says claims and cost, opens nothing and takes nothing from the quota", async () => {
  await using service = await openVerifier(database.url, { quota: { burst: 6, perMinute: 1 } });
  for (let time = 0; time < 3; time++) {
    const { verificationId, step } = unwrap(
      await openFor(service, { ...request("estimate"), estimateOnly: true }),
    );
    assert.equal(verificationId, "");
    assert.ok(step?.$case === "claimsFound");
    assert.equal(step.value.claims, 2);
    assert.deepEqual(step.value.cost, { estimateUnits: "6000000", maxUnits: String(2 * 15 * 1_000_000) });
  }
  assert.equal(
    codeOf(await openFor(service, { ...request("estimate"), estimateOnly: true, policy: "x" })),
    "POLICY_UNKNOWN",
  );
  assert.ok((await openFor(service, request("estimate"))).ok);
});

test("above the quota a caller is told when to come back; then it is served; what was opened before costs nothing", async () => {
  await using service = await openVerifier(database.url, { quota: { burst: 6, perMinute: 6 } });
  assert.ok((await openFor(service, request("quota-1"))).ok);
  assert.ok((await openFor(service, request("quota-1"))).ok, "the same request again");
  const refused = await openFor(service, request("quota-2"));
  assert.ok(!refused.ok);
  assert.equal(refused.code, "QUOTA_EXCEEDED");
  assert.equal(refused.details["retryAfterMs"], "60000");
  service.clock.advance(60_000);
  assert.ok((await openFor(service, request("quota-2"))).ok);
});
