/** One byte changed anywhere in a certificate's file is found, and the part it stands in is named. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createStatement, verifyCertificate } from "@mira/certificate";
import { BEFORE_EXPIRY, certify, createFacts, RESPONSE, trust } from "./certificate.fixture.ts";

/** A small one: every byte of it is changed, and each change costs a handful of signatures to look at. */
const { claims, sentences } = createFacts();
const file = certify(
  createStatement(createFacts({ claims: claims.slice(0, 1), sentences: sentences.slice(0, 1), draws: [] })),
);
const text = Buffer.from(file).toString("latin1");

type Region = { readonly from: number; readonly to: number; readonly parts: readonly string[] };

/** Every byte belongs to one region; a byte between two fields may be taken for either. */
function mapRegions(): readonly Region[] {
  const regions: Region[] = [];
  let at = 0;
  const until = (end: number, ...parts: string[]): void => {
    assert.ok(end > at, `${parts.join()} is empty`);
    regions.push({ from: at, to: end, parts });
    at = end;
  };
  const past = (mark: string, ...parts: string[]): void => {
    const found = text.indexOf(mark, at);
    assert.ok(found >= at, `${mark} is missing`);
    if (found > at) until(found, ...parts);
  };
  const mark = (of: string, ...parts: string[]): void => {
    assert.ok(text.startsWith(of, at), of);
    until(at + of.length, ...parts);
  };
  mark('{\n"dsse":', "file");
  mark('{"payload":"', "envelope");
  past('","payloadType":"', "envelope.payload");
  mark('","payloadType":"', "envelope");
  past('","signatures":[', "envelope.payloadType");
  mark('","signatures":[', "envelope");
  for (let index = 0; index < 4; index++) {
    const signature = `envelope.signatures[${index}]`;
    // Whatever joins two signatures makes the one before or the one after it malformed.
    const around = [
      "envelope.signatures",
      signature,
      `envelope.signatures[${index - 1}]`,
      `${signature}.keyid`,
    ];
    const before = index === 0 ? around : [...around, `envelope.signatures[${index - 1}].sig`];
    mark(index === 0 ? '{"keyid":"' : '},{"keyid":"', ...before);
    past('","sig":"', `${signature}.keyid`);
    mark('","sig":"', signature);
    past('"', `${signature}.sig`);
    mark('"', signature, `${signature}.sig`, "envelope.signatures");
  }
  mark("}", "envelope.signatures", "envelope.signatures[3]");
  mark("]}", "envelope", "file");
  mark(',\n"tlogProof":"', "file");
  mark("c2sp.org/tlog-proof@v1", "tlogProof.header");
  mark("\\n", "tlogProof.header");
  mark("index 10", "tlogProof.index");
  mark("\\n", "tlogProof.index");
  past("\\n\\n", "tlogProof.path");
  mark("\\n\\n", "tlogProof.path");
  past("\\n\\n", "tlogProof.checkpoint.text");
  mark("\\n\\n", "tlogProof.checkpoint", "tlogProof.checkpoint.text");
  past('"\n}\n', "tlogProof.checkpoint.signature");
  mark('"\n}\n', "file");
  assert.equal(at, text.length);
  return regions;
}

const regions = mapRegions();

function changeByte(at: number, mask: number): Uint8Array {
  return Uint8Array.from(file, (byte, index) => (index === at ? byte ^ mask : byte));
}

/** The part named for the change, and whether it is one that the byte stands in. */
function judge(at: number, mask: number): string | undefined {
  const result = verifyCertificate(changeByte(at, mask), trust, { now: BEFORE_EXPIRY });
  const named = result.ok ? "nothing" : (result.details["part"] ?? "no part");
  const region = regions.find(({ from, to }) => from <= at && at < to);
  assert.ok(region);
  return region.parts.includes(named)
    ? undefined
    : `byte ${at} ^ ${mask} (${JSON.stringify(text.slice(at - 8, at))}>${JSON.stringify(text[at])}): needed ${region.parts.join(" or ")}, named ${named}`;
}

test("the certificate holds as it is", () => {
  const result = verifyCertificate(file, trust, { now: BEFORE_EXPIRY, response: RESPONSE });
  assert.ok(result.ok, JSON.stringify(result));
});

test("at each position of the file, a changed byte is found and its part is named", () => {
  const wrong = Array.from(file.keys(), (at) => judge(at, 1)).filter((problem) => problem !== undefined);
  assert.deepEqual(wrong.slice(0, 20), []);
});

test("outside the payload, other bits of each byte, those that leave ASCII too", () => {
  const wrong: string[] = [];
  for (const { from, to, parts } of regions) {
    if (parts[0] === "envelope.payload") continue;
    for (let at = from; at < to; at++)
      for (const bit of [1, 5, 7]) {
        const problem = judge(at, 1 << bit);
        if (problem !== undefined) wrong.push(problem);
      }
  }
  assert.deepEqual(wrong.slice(0, 20), []);
});

test("any other value of any byte", () => {
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      assert.equal(judge(at, mask), undefined);
    }),
    { numRuns: 1_000 },
  );
});

test("a byte too many, a byte missing, two files in one", () => {
  const holds = (changed: Uint8Array): boolean =>
    verifyCertificate(changed, trust, { now: BEFORE_EXPIRY }).ok;
  fc.assert(
    fc.property(fc.nat(file.length), fc.nat(255), (at, byte) => {
      assert.equal(holds(Uint8Array.from([...file.subarray(0, at), byte, ...file.subarray(at)])), false);
      if (at < file.length)
        assert.equal(holds(Uint8Array.from([...file.subarray(0, at), ...file.subarray(at + 1)])), false);
    }),
    { numRuns: 300 },
  );
  assert.equal(holds(Uint8Array.from([...file, ...file])), false);
  assert.equal(holds(new Uint8Array()), false);
});
