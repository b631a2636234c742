/** A grant: who may act for whom, from when until when, under which caveats; as the fields of one signed intent and back. */
import {
  decodeKey,
  encodeBase58,
  parseSessionGrant,
  parseUnixMs,
  refuse,
  succeed,
  type Intent,
  type Refusal,
  type Result,
  type SessionGrant,
  type UnixMs,
} from "@mira/primitives";
import { describeCaveat, parseCaveat, type Row } from "./caveat-text.ts";
import type { Caveat, Key } from "./caveat.ts";
import { checkCaveats } from "./check-caveats.ts";
import { SYSTEM_TRANSFER } from "./programs.ts";

export type Grant = {
  /** Signs in the owner's slot. */
  readonly sessionKey: Key;
  /** Start inclusive. */
  readonly startsAt: UnixMs;
  /** End exclusive: the session refuses from this instant. */
  readonly expiresAt: UnixMs;
  readonly caveats: readonly Caveat[];
  /** The session whose holder passes on a part of it; undefined: granted by the owner. */
  readonly parent?: string;
  /** The session that this one takes the place of, in the same instant. */
  readonly replaces?: string;
  /** A key that may revoke, and can do nothing else. */
  readonly revoker?: Key;
};

type GrantCode = "REQUEST_INVALID" | "SESSION_SCOPE_EMPTY" | "SESSION_CAVEAT_INVALID";

const SCOPE_VERSION = "caveats, version 2";

export function describeGrant(grant: Grant): Intent["fields"] {
  return [
    ["scope", SCOPE_VERSION],
    ["session key", grant.sessionKey],
    ...describeOptional("parent", grant.parent),
    ...describeOptional("replaces", grant.replaces),
    ...describeOptional("may revoke", grant.revoker),
    ["starts", new Date(grant.startsAt).toISOString()],
    ["expires", new Date(grant.expiresAt).toISOString()],
    ...grant.caveats.map(describeCaveat),
  ];
}

/** From the signed fields; the simple grant of recipients and a limit is read as the caveats that it stands for. */
export function parseGrant(intent: Intent): Result<Grant, GrantCode> {
  if (intent.fields[0]?.[0] !== "scope") {
    const simple = parseSessionGrant(intent);
    return simple.ok ? succeed(toGrant(simple.value)) : simple;
  }
  const read = readFields(intent.fields);
  if (!read.ok) return read;
  const refusal = checkGrant(read.value);
  return refusal ?? read;
}

/** "SOL to these accounts, so much in all with the fees": the simple grant, as caveats. */
export function toGrant({ sessionKey, recipients, limitLamports, startsAt, expiresAt }: SessionGrant): Grant {
  return {
    sessionKey: encodeBase58(sessionKey),
    startsAt,
    expiresAt,
    caveats: [
      { kind: "instructions", instructions: [SYSTEM_TRANSFER] },
      { kind: "recipients", recipients: recipients.map(encodeBase58) },
      { kind: "amount", asset: "lamports", per: "lifetime", most: limitLamports, feesIncluded: true },
    ],
  };
}

/** Everything that can be told without knowing the network: an empty, endless or contradictory grant is refused when made. */
export function checkGrant(grant: Grant): Refusal<GrantCode> | undefined {
  if (grant.parent !== undefined && grant.replaces !== undefined)
    return refuse("REQUEST_INVALID", "a grant is passed on or takes another's place, not both", {
      field: "replaces",
    });
  return checkCaveats(grant.caveats);
}

function describeOptional(name: string, value: string | undefined): readonly Row[] {
  return value === undefined ? [] : [[name, value]];
}

function readFields(fields: Intent["fields"]): Result<Grant, GrantCode> {
  const heads = new Map<string, string>();
  const caveats: Caveat[] = [];
  for (const row of fields) {
    if (HEADS.has(row[0])) {
      heads.set(...row);
      continue;
    }
    const caveat = parseCaveat(row);
    if (caveat === undefined) return unknownCaveat(row);
    caveats.push(caveat);
  }
  const grant = readHeads(heads, caveats);
  if (grant === undefined || JSON.stringify(describeGrant(grant)) !== JSON.stringify(fields))
    return refuse("REQUEST_INVALID", "these are not exactly the fields of a session grant, in their order", {
      field: "fields",
      needed: "scope, session key, [parent | replaces], [may revoke], starts, expires, caveats",
    });
  return succeed(grant);
}

const HEADS: ReadonlySet<string> = new Set([
  "scope",
  "session key",
  "parent",
  "replaces",
  "may revoke",
  "starts",
  "expires",
]);

function readHeads(heads: ReadonlyMap<string, string>, caveats: readonly Caveat[]): Grant | undefined {
  const sessionKey = readKey(heads.get("session key"));
  const startsAt = readInstant(heads.get("starts"));
  const expiresAt = readInstant(heads.get("expires"));
  if (sessionKey === undefined || startsAt === undefined || expiresAt === undefined) return undefined;
  const [parent, replaces, revoker] = ["parent", "replaces", "may revoke"].map((name) => heads.get(name));
  if ([parent, replaces, revoker].some((key) => key !== undefined && readKey(key) === undefined))
    return undefined;
  return {
    sessionKey,
    startsAt,
    expiresAt,
    caveats,
    ...(parent === undefined ? {} : { parent }),
    ...(replaces === undefined ? {} : { replaces }),
    ...(revoker === undefined ? {} : { revoker }),
  };
}

function readKey(text: string | undefined): Key | undefined {
  return text !== undefined && decodeKey(text) !== undefined ? text : undefined;
}

function readInstant(text: string | undefined): UnixMs | undefined {
  const instant = Date.parse(text ?? "");
  return Number.isFinite(instant) && instant >= 0 && new Date(instant).toISOString() === text
    ? parseUnixMs(instant)
    : undefined;
}

function unknownCaveat([name, value]: Row): Refusal<"SESSION_CAVEAT_INVALID"> {
  return refuse(
    "SESSION_CAVEAT_INVALID",
    "a caveat is not one that this version knows, or not written its way",
    {
      rule: name,
      got: value,
    },
  );
}
