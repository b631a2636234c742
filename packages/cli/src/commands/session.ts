/** `mira session`: authority that ends by itself. */
import { checkGrant, computeExposure, parseCaveat, toGrant, UNUSED, type Grant } from "@mira/authority";
import { callUnary } from "@mira/client";
import { sessions } from "@mira/api";
import {
  encodeBase58,
  parseLamports,
  parseUnixMs,
  refuse,
  succeed,
  unwrap,
  type Result,
} from "@mira/primitives";
import type { Command } from "commander";
import { withClient } from "../context.ts";
import { describeSession, sessionStatus, toSessionData } from "../describe.ts";
import { formatTable, type Output } from "../output.ts";
import { addSessionQuestions, describeExposure } from "./session-questions.ts";
import {
  describeKey,
  formatAmount,
  formatInstant,
  parseAmount,
  parseDuration,
  parseInstant,
  parseKey,
  readKeyPair,
} from "../values.ts";

const PAGE_SIZE = 200;
const SERVICE = sessions.SessionsServiceService;

type GrantOptions = {
  readonly owner: string;
  readonly key: string;
  readonly to?: string[];
  readonly limit?: string;
  readonly caveat?: string[];
  readonly parent?: string;
  readonly replaces?: string;
  readonly revoker?: string;
  readonly for: string;
};

export function addSessions(program: Command): void {
  const session = program
    .command("session")
    .description("grant, look at and revoke time-bound, scope-bound authority");
  session
    .command("grant")
    .description("let a session key act for an owner: so far, so much, for so long")
    .requiredOption(
      "--owner <key>",
      "who grants: development account or key file; with --parent, the holder that passes on",
    )
    .option("--key <key>", "who may act: development account or public key", "carol")
    .option("--to <keys...>", "who may receive SOL; with --limit")
    .option("--limit <sol>", "in all, fees included")
    .option("--caveat <text...>", 'instead of --to and --limit, each as "name: value"')
    .option("--parent <session>", "pass on a part of this session")
    .option("--replaces <session>", "end this session in the same instant")
    .option("--revoker <key>", "who may revoke it, and nothing else")
    .requiredOption("--for <duration>", "such as 15m")
    .addHelpText("after", GRANT_HELP)
    .action((options: GrantOptions, command: Command) =>
      withClient(command, async (client, output) => {
        const grant = unwrap(readGrant(options, Date.now()));
        output.note(describeBound(grant));
        print(output, unwrap(await client.grantSession(unwrap(readKeyPair(options.owner)), grant)));
      }),
    );
  session
    .command("list")
    .description("who may do what; with --at: who could, then")
    .option("--owner <key>", "of this owner only")
    .option("--at <instant>", "sessions that could act at this instant, ISO 8601")
    .action((options: { owner?: string; at?: string }, command: Command) => list(options, command));
  session
    .command("show <id>")
    .description("show a session and what is left of it")
    .action((sessionId: string, _options: unknown, command: Command) =>
      withClient(command, async (client, output) => {
        const { session: found } = unwrap(
          await callUnary(client.channels.sessions, SERVICE.getSession, { sessionId }),
        );
        if (found !== undefined) print(output, found);
      }),
    );
  session
    .command("end-all")
    .description("end every session of an owner now, and every grant that was signed and not used")
    .requiredOption("--owner <key>", "development account or key file")
    .action(({ owner }: { owner: string }, command: Command) =>
      withClient(command, async (client, output) => {
        const epoch = unwrap(await client.advanceAuthority(unwrap(readKeyPair(owner))));
        output.result({ epoch }, () => `ended; authority epoch ${epoch} begins`);
      }),
    );
  addSessionQuestions(session);
  session
    .command("revoke <id>")
    .description("end a session now")
    .requiredOption(
      "--by <key>",
      "its owner, its session key or its revoker: development account or key file",
    )
    .action((sessionId: string, { by }: { by: string }, command: Command) =>
      withClient(command, async (client, output) =>
        print(output, unwrap(await client.revokeSession(unwrap(readKeyPair(by)), sessionId))),
      ),
    );
}

const GRANT_HELP = `
Examples:
  mira session grant --owner alice --key carol --to bob --limit 2 --for 15m
  mira session grant --owner alice --key carol --for 1h \\
    --caveat "instructions: 11111111111111111111111111111111:02000000" "recipients: <key>" \\
             "amount: at most 1000000 lamports per 60000 ms" "fees: at most 50000 lamports" "calls: at most 20"`;

function readGrant(options: GrantOptions, now: number): Result<Grant> {
  const key = parseKey(options.key);
  if (!key.ok) return key;
  const lifetime = parseDuration(options.for);
  if (!lifetime.ok) return lifetime;
  const window = { startsAt: parseUnixMs(now), expiresAt: parseUnixMs(now + lifetime.value) };
  const scope = options.caveat === undefined ? readSimpleScope(options) : readCaveats(options.caveat);
  if (!scope.ok) return scope;
  const { parent, replaces } = options;
  const revoker = options.revoker === undefined ? undefined : parseKey(options.revoker);
  if (revoker?.ok === false) return revoker;
  const grant: Grant = {
    sessionKey: encodeBase58(key.value),
    ...window,
    caveats: scope.value,
    ...(parent === undefined ? {} : { parent }),
    ...(replaces === undefined ? {} : { replaces }),
    ...(revoker === undefined ? {} : { revoker: encodeBase58(revoker.value) }),
  };
  return checkGrant(grant) ?? succeed(grant);
}

function readSimpleScope({ to, limit }: GrantOptions): Result<Grant["caveats"]> {
  if (to === undefined || limit === undefined)
    return refuse("REQUEST_INVALID", "a grant needs --to and --limit, or --caveat", { field: "to, limit" });
  const amount = parseAmount(limit);
  if (!amount.ok) return amount;
  const recipients: Uint8Array[] = [];
  for (const text of to) {
    const recipient = parseKey(text);
    if (!recipient.ok) return recipient;
    recipients.push(recipient.value);
  }
  const terms = { sessionKey: new Uint8Array(32), recipients, limitLamports: parseLamports(amount.value) };
  return succeed(toGrant({ ...terms, startsAt: parseUnixMs(0), expiresAt: parseUnixMs(1) }).caveats);
}

function readCaveats(texts: readonly string[]): Result<Grant["caveats"]> {
  const caveats = texts.map((text) => {
    const at = text.indexOf(": ");
    return parseCaveat([text.slice(0, at), text.slice(at + 2)]);
  });
  const unknown = caveats.indexOf(undefined);
  if (unknown !== -1)
    return refuse("SESSION_CAVEAT_INVALID", "this is no caveat", { got: texts[unknown] ?? "" });
  return succeed(caveats.filter((caveat) => caveat !== undefined));
}

/** What is read before anything is signed. */
function describeBound(grant: Grant): string {
  const link = { sessionId: "", owner: "", grant, usage: UNUSED, endedAt: undefined };
  const rows = computeExposure([link], grant.startsAt).map(({ asset, open, until }) =>
    describeExposure({ asset, open: String(open), inFlight: "0", untilMs: BigInt(until) }),
  );
  return ["this grant lets go at most", ...rows].join("\n");
}

async function list({ owner, at }: { owner?: string; at?: string }, command: Command): Promise<void> {
  await withClient(command, async (client, output) => {
    const request = {
      owner: owner === undefined ? new Uint8Array() : unwrap(parseKey(owner)),
      activeAtMs: at === undefined ? 0n : BigInt(unwrap(parseInstant(at))),
      pageSize: PAGE_SIZE,
      pageToken: "",
    };
    const { sessions: found } = unwrap(
      await callUnary(client.channels.sessions, SERVICE.listSessions, request),
    );
    output.result(found.map(toSessionData), () =>
      found.length === 0
        ? "no sessions"
        : formatTable(["session", "status", "owner", "left", "until"], found.map(toRow)),
    );
  });
}

function toRow(session: sessions.Session): readonly string[] {
  const left = session.limitLamports - session.spentLamports - session.reservedLamports;
  return [
    session.sessionId,
    sessionStatus(session),
    describeKey(session.owner),
    `${formatAmount(left)} of ${formatAmount(session.limitLamports)} SOL`,
    formatInstant(session.expiresMs),
  ];
}

function print(output: Output, session: sessions.Session): void {
  output.result(toSessionData(session), () => describeSession(session));
}
