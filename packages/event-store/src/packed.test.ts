/** Packing: what goes in comes out, ids are checked, and the bytes of a format never change. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Sized } from "./bind-message.ts";
import type { NewEvent, OutboxMessage } from "./model.ts";
import { packAppend } from "./packed-append.ts";
import { unpackEvents } from "./packed-events.ts";
import { unpackOutbox } from "./packed-outbox.ts";

function packEvents(events: readonly NewEvent[]): {
  readonly types: readonly string[];
  readonly bytes: Buffer;
} {
  const packed = packAppend({ stream: "s", expectedVersion: 0, events });
  return { types: packed.types, bytes: writeAlone(packed.events) };
}

function packOutbox(outbox: readonly OutboxMessage[], events: readonly NewEvent[]): Buffer {
  const packed = packAppend({ stream: "s", expectedVersion: 0, events, outbox });
  return writeAlone(packed.outbox ?? { size: 0, write: (_, at) => at });
}

function writeAlone({ size, write }: Sized): Buffer {
  const room = Buffer.alloc(size + 2);
  assert.equal(write(room, 1), size + 1);
  assert.deepEqual([room[0], room[size + 1]], [0, 0]);
  return room.subarray(1, size + 1);
}

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const event: fc.Arbitrary<NewEvent> = fc.record(
  {
    id: fc.uuid(),
    type: fc.constantFrom("Opened", "Paid", "Geschlossen-ü"),
    schemaVersion: fc.integer({ min: 1, max: 1000 }),
    payload: bytes,
    metadata: fc.record(
      {
        traceparent: fc.constant("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
      },
      { noNullPrototype: true },
    ),
  },
  { requiredKeys: ["id", "type", "schemaVersion", "payload"], noNullPrototype: true },
);
const message: fc.Arbitrary<OutboxMessage> = fc.record(
  {
    id: fc.string({ maxLength: 20 }),
    subject: fc.constantFrom("mira.a", "mira.b"),
    payload: bytes,
    headers: fc.dictionary(
      fc.string({ minLength: 1, maxLength: 5 }).filter((key) => key !== "__proto__"),
      fc.string({ maxLength: 5 }),
    ),
  },
  { requiredKeys: ["id", "subject", "payload"] },
);

test("property: events and messages come out as they went in", () => {
  fc.assert(
    fc.property(
      fc.array(event, { minLength: 1, maxLength: 8 }),
      fc.array(message, { maxLength: 8 }),
      (events, own) => {
        const packed = packEvents(events);
        const unpacked = unpackEvents(packed.bytes, packed.types);
        assert.deepEqual(unpacked, events);
        const published = events.map(({ id, payload }) => ({ id, subject: "mira.event", payload }));
        const outbox = [...own, ...published.toReversed(), ...published];
        const normal = (messages: readonly OutboxMessage[]): unknown => JSON.parse(JSON.stringify(messages));
        assert.deepEqual(normal(unpackOutbox(packOutbox(outbox, events), unpacked)), normal(outbox));
      },
    ),
  );
});

test("an event's payload is not stored a second time with its message", () => {
  const events = [
    {
      id: "00000000-0000-4000-8000-000000000001",
      type: "T",
      schemaVersion: 1,
      payload: Buffer.alloc(10_000),
    },
  ];
  const outbox = events.map(({ id, payload }) => ({ id, subject: "mira.x", payload }));
  assert.ok(packOutbox(outbox, events).length < 50);
});

test("an id that is not a UUID is refused", () => {
  const of = (id: string): NewEvent => ({ id, type: "T", schemaVersion: 1, payload: Buffer.alloc(0) });
  for (const id of [
    "",
    "x",
    "00000000-0000-4000-8000-00000000000",
    "00000000-0000-4000-8000-0000000000011",
    "g0000000-0000-4000-8000-000000000001",
    "000000000000400080000000000000010000",
    "00000000-0000-4000-80000-00000000001",
    "00000000-0000-4000-8000-00000000000é",
    "é0000000-0000-4000-8000-000000000001",
  ])
    for (const before of [0, 1, 255, 256]) {
      const valid = Array.from({ length: before }, () => of("00000000-0000-4000-8000-000000000001"));
      assert.throws(() => packEvents([...valid, of(id)]), /needs a UUID/, id);
    }
});

test("golden vector: the bytes of format 1 stay as they are", () => {
  const payload = Buffer.from("paid");
  const events = [
    {
      id: "01234567-89ab-4def-8123-456789abcdef",
      type: "Paid",
      schemaVersion: 2,
      payload,
      metadata: { traceparent: "00-01" },
    },
  ];
  const packed = packEvents(events);
  assert.equal(
    packed.bytes.toString("hex"),
    "0100000000000201234567" + "89ab4def8123456789abcdef" + "0530302d3031" + "0000000470616964",
  );
  const outbox = packOutbox(
    [
      { id: events[0]?.id ?? "", subject: "s", payload },
      { id: "m", subject: "s", payload: Buffer.from("own") },
    ],
    events,
  );
  assert.equal(
    outbox.toString("hex"),
    "01" +
      "00000005" +
      "5b2273225d" +
      "0000ffff00000000ffff" +
      "0000ffffffffffff0001" +
      "6d" +
      "000000036f776e",
  );
});
