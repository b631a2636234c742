/** Turns appends into one call of a function of append-sql.ts, and its answer into an outcome. */
import { invariant } from "@mira/primitives";
import { encodeInt4Array, encodeInt8Array, encodeTextArray, sizeByteaArray } from "./binary-arrays.ts";
import type { Append, Fence } from "./model.ts";
import { packAppend } from "./packed-append.ts";
import type { Statement } from "./statement.ts";

export type AppendCall = {
  readonly statement: Statement;
  /** Places of the caller's appends in the order of the call. */
  readonly order: readonly number[];
};
type Target = { readonly schema: string; readonly fence: Fence | undefined };

export function encodeAppends(appends: readonly Append[], target: Target): AppendCall {
  const [only, ...others] = appends;
  if (only === undefined || others.length > 0) return encodeMany(appends, target);
  return { statement: encodeOne(only, target), order: [0] };
}

function encodeOne(append: Append, { schema, fence }: Target): Statement {
  const { types, payloadBytes, events, outboxCount, outbox } = packAppend(append);
  return {
    name: `mira_append_one_${schema}`,
    text: `SELECT ${schema}.append_one($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    parameters: [
      fence?.name,
      fence?.epoch,
      append.stream,
      toExpected(append),
      append.events.length,
      encodeTextArray(types),
      payloadBytes,
      events,
      outboxCount,
      outbox,
    ],
  };
}

/** Rows go in the order of stream names: two batches that share streams meet in the same order and cannot deadlock. */
function encodeMany(appends: readonly Append[], { schema, fence }: Target): AppendCall {
  const order = appends
    .map((_, index) => index)
    .sort((a, b) => compare(appends[a]?.stream, appends[b]?.stream));
  const all = place(appends);
  const placed = order.flatMap((index) => all[index] ?? []);
  const packed = placed.map(({ append }) => packAppend(append));
  const parameters = [
    fence?.name,
    fence?.epoch,
    encodeTextArray(placed.map(({ append }) => append.stream)),
    encodeInt8Array(placed.map(({ append }) => toExpected(append))),
    encodeInt4Array(placed.map(({ append }) => append.events.length)),
    encodeInt4Array(placed.map(({ eventPlace }) => eventPlace)),
    encodeTextArray(packed.map(({ types }) => joinTypes(types))),
    encodeInt4Array(packed.map(({ payloadBytes }) => payloadBytes)),
    sizeByteaArray(packed.map(({ events }) => events)),
    encodeInt4Array(packed.map(({ outboxCount }) => outboxCount)),
    encodeInt4Array(placed.map(({ outboxPlace }) => outboxPlace)),
    sizeByteaArray(packed.map(({ outbox }) => outbox)),
  ];
  const text = `SELECT ${schema}.append_many($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;
  return { statement: { name: `mira_append_many_${schema}`, text, parameters }, order };
}

type Placed = { readonly append: Append; readonly eventPlace: number; readonly outboxPlace: number };

/** Numbers events and outbox messages through the transaction, in the caller's order. */
function place(appends: readonly Append[]): Placed[] {
  let eventPlace = 0;
  let outboxPlace = 0;
  return appends.map((append) => {
    const placed = { append, eventPlace, outboxPlace };
    eventPlace += append.events.length;
    outboxPlace += append.outbox?.length ?? 0;
    return placed;
  });
}

function toExpected({ expectedVersion }: Append): number {
  return expectedVersion === "any" ? -1 : expectedVersion;
}

export function joinTypes(types: readonly string[]): string {
  invariant(!types.some((type) => type.includes("\n")), "an event type has no line break");
  return types.join("\n");
}

export function compare(left = "", right = ""): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

export type Answer =
  | { readonly outcome: "appended"; readonly heads: readonly number[]; readonly lastPosition: bigint }
  | { readonly outcome: "conflict"; readonly stream: string; readonly version: number }
  | { readonly outcome: "not-leader"; readonly epochInForce: number };

export function parseAnswer(text: string): Answer {
  const [outcome, numbers = "", ...rest] = text.split(":");
  switch (outcome) {
    case "appended":
      return { outcome, heads: numbers.split(",").map(Number), lastPosition: BigInt(rest[0] ?? "") };
    case "conflict":
      return { outcome, version: Number(numbers), stream: rest.join(":") };
    case "not-leader":
      return { outcome, epochInForce: Number(numbers) };
    default:
      throw new TypeError(`an append function answered ${text}`);
  }
}
