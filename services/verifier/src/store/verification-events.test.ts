/** What was taken apart is the same after a restart; and events of before there were pieces and structures are still read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { events, verifier } from "@mira/api";
import { decomposeByRules } from "@mira/claims";
import { unwrap } from "@mira/primitives";
import { opened } from "../domain/verification.fixture.ts";
import type { VerificationOpened } from "../domain/verification.ts";
import { decodeVerificationEvent, encodeVerificationEvent } from "./verification-events.ts";

const RESPONSE = `# Bridges

> Mary Holt, an engineer, built it in 1932 or the council did. According to the council, it is 900 m long.

The Alder Bridge opened in 1932. It has 2 towers, which are 40 m high. Traffic fell last year. Is it old?`;

function decode(event: VerificationOpened): VerificationOpened {
  const decoded = decodeVerificationEvent(encodeVerificationEvent(event));
  assert.ok(decoded.type === "VerificationOpened");
  return decoded;
}

test("pieces, structures, categories and the decomposer's name come back as they were", () => {
  const { sentences, claims } = unwrap(decomposeByRules(RESPONSE));
  const decomposer = { id: "model@1", model: "tiny", note: "3 of 7" };
  const event: VerificationOpened = {
    ...{ ...opened, response: RESPONSE, decomposer },
    sentences: sentences.map(({ text: _, ...sentence }) => sentence),
    claims: claims.map(({ text, start, end, pieces }, at) => ({
      ...{ claimId: `c${at + 1}`, text, start, end, pieces },
    })),
  };
  const kinds = new Set(sentences.flatMap(({ structure }) => structure?.kind ?? []));
  assert.ok(kinds.has("within") && kinds.has("all") && kinds.has("open"), [...kinds].join());
  assert.ok(claims.some(({ pieces }) => pieces.some((piece) => "insert" in piece)));
  assert.deepEqual(decode(event), event);
});

/** Event of a version that knew no pieces, categories, structures and decomposers. */
function readOld(
  sentences: readonly Partial<verifier.Sentence>[],
  claims: readonly Partial<verifier.Claim>[],
) {
  const { type, payload } = encodeVerificationEvent(opened);
  const old = events.VerificationOpened.decode(payload);
  const bytes = events.VerificationOpened.encode({
    ...old,
    decomposer: undefined,
    sentences: sentences.map((one) => verifier.Sentence.fromPartial(one)),
    claims: claims.map((one) => verifier.Claim.fromPartial(one)),
  }).finish();
  const decoded = decodeVerificationEvent({ type, schemaVersion: 2, payload: bytes });
  assert.ok(decoded.type === "VerificationOpened");
  return decoded;
}

test("an older event is read: a claim is its stretch, one is its sentence, and how several are joined stays open", () => {
  const { CLAIM, NOT_CHECKABLE, AMBIGUOUS } = verifier.SentenceKind;
  const old = readOld(
    [
      { start: 0, end: 10, kind: CLAIM, reason: "" },
      { start: 11, end: 40, kind: CLAIM, reason: "" },
      { start: 41, end: 50, kind: NOT_CHECKABLE, reason: "question" },
      { start: 51, end: 60, kind: AMBIGUOUS, reason: "two readings" },
    ],
    [
      { claimId: "c1", text: "2 + 2 = 4.", start: 0, end: 10 },
      { claimId: "c2", text: "a", start: 11, end: 12 },
      { claimId: "c3", text: "b", start: 20, end: 21 },
    ],
  );
  assert.deepEqual(old.claims[0]?.pieces, [{ start: 0, end: 10 }]);
  const [whole, joined, question, ambiguous] = old.sentences;
  assert.deepEqual(whole?.structure, { kind: "claim", claim: 0 });
  assert.equal(joined?.structure?.kind, "any");
  assert.equal(question?.structure, undefined);
  assert.deepEqual(ambiguous?.structure, { kind: "open", reason: "two readings" });
  assert.equal(old.decomposer.id, "rules@0");
});
